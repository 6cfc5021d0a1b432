#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "answers.h"
#include "options.h"
#include "request.h"
#include "tally.h"

namespace slsart::target {

// A listening socket. Each loop has its own; several loops on one port share it by SO_REUSEPORT.
struct Listener {
  int fd = -1;
  std::uint16_t port = 0;
  bool is_tls = false;
};

enum class PortSharing { kNo, kYes };

// Listens on `address`:`port` (0: any free one). On failure fd is -1 and `error` says why.
Listener listen_on(const std::string& address, std::uint16_t port, PortSharing sharing,
                   std::string& error);

// What all loops of the process share.
struct World {
  const Options& options;
  SSL_CTX* tls = nullptr;
  Tally tally;
  std::atomic<std::uint64_t> connections{0};  // numbers given out
};

// Accepts connections and answers their requests until stop(). One thread runs it; stop() may be
// called from any.
class Loop {
 public:
  // Takes the listeners; `world` must outlive the loop.
  Loop(World& world, std::vector<Listener> listeners);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void run();
  void stop();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Connection {
    int fd = -1;
    SSL* tls = nullptr;
    std::uint32_t generation = 0;  // tells a connection from its predecessor in the same slot
    std::uint32_t interest = 0;    // what epoll watches
    bool is_handshaking = false;
    bool is_answering = false;   // a request has come, its answer is not complete
    bool is_counted = false;     // ... and it is in flight in the tally
    bool has_continued = false;  // 100 Continue was sent for the request that is coming in
    Wire wire = Wire::kMessage;  // of the answer
    Ending ending = Ending::kAsAsked;
    std::uint64_t number = 0;
    std::uint64_t ordinal = 0;
    std::uint64_t epoch = 0;  // see Tally::count_request()
    std::uint64_t headers_sent = 0;
    std::string in;
    std::size_t in_at = 0;
    std::string out;
    std::size_t out_at = 0;
    std::string later;  // bytes that wait for their time
    std::size_t later_at = 0;
  };

  enum class Due : std::uint8_t { kAnswer, kDrip, kReset };
  struct Timer {
    TimePoint at;
    std::uint32_t slot;
    std::uint32_t generation;
    Due due;
    bool operator>(const Timer& other) const { return at > other.at; }
  };
  enum class Io { kDone, kBlocked, kGone };

  void stall_if_asked();
  void dispatch(std::uint64_t tag, std::uint32_t events);
  void accept_from(const Listener& listener);
  void adopt(int fd, bool is_tls);
  void pause_accepting();
  void resume_accepting();

  void progress(std::uint32_t slot, std::uint32_t events);
  Io shake_hands(Connection& connection);
  Io fill(Connection& connection);
  bool serve_next(std::uint32_t slot);
  void answer(std::uint32_t slot, const Answer& answer, bool counts);
  void finish_answer(Connection& connection);
  Io drain(Connection& connection);
  Io send_some(Connection& connection, std::string_view bytes, std::size_t& sent);
  // Sends what there is, does what follows, and sets what to watch; the connection may be gone
  // after.
  void flush(std::uint32_t slot);
  void watch(std::uint32_t slot, std::uint32_t events);
  void close_connection(std::uint32_t slot, Ending how);

  void schedule(std::uint32_t slot, TimePoint at, Due due);
  void arm_timer();
  void run_timers();
  void on_timer(const Timer& timer);

  World& world_;
  std::vector<Listener> listeners_;
  int epoll_ = -1;
  int timer_ = -1;
  int wake_ = -1;
  bool is_accepting_ = true;
  bool has_stalled_ = false;
  std::atomic<bool> is_stopping_{false};
  TimePoint armed_for_{};
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::uint32_t> free_slots_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  Request request_;  // the one being answered; kept for its memory
};

}  // namespace slsart::target
