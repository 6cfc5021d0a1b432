#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "options.h"
#include "request.h"

namespace slsart::target {

// What the server has seen since the start or the last reset. Any thread may call it.
class Tally {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  void count_accepted();
  void count_failed_handshake();
  // A request has come in completely. `connection_epoch` is the caller's note of when its
  // connection was counted last (0 at first): each is counted once between two resets.
  void count_request(const Request& request, std::uint64_t& connection_epoch, TimePoint now);
  void count_answer(int status);
  // The answer is on its way, or its connection is gone.
  void end_request();
  void reset();

  // How often `key` has been counted, this time included.
  std::uint64_t count_key(const std::string& key);
  bool has_key(const std::string& key) const;
  // When the first request since the start came in; nothing before it. A reset does not forget it.
  std::chrono::steady_clock::time_point first_request() const;

  // {"requests":5,"methods":{"GET":5},"max_in_flight":1,"connections":5,"paths":{"/":5},
  //  "codes":{"200":5},"sequence":["GET /",...],"accepted":6,"failed_handshakes":0,"in_flight":0}
  // `paths` (with their queries) stand in the order of their first request; `sequence` holds the
  // first thousand requests.
  std::string stats_json() const;
  // {"dropped":0,"seconds":[500,...],"records":[[index,"row","rand",due_ns,at_ns],...]}
  // `seconds`: requests per second by this server's clock; second 0 and at_ns 0 are the first
  // recorded request. What a request did not say is null.
  std::string records_json() const;

 private:
  struct Record {
    std::string index, row, rand, due;  // as sent
    std::chrono::nanoseconds at{};
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  template <typename Value>
  using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

  struct Counts {
    std::uint64_t requests = 0;
    std::uint64_t connections = 0;
    std::uint64_t accepted = 0;
    std::uint64_t failed_handshakes = 0;
    std::uint64_t max_in_flight = 0;
    std::map<std::string, std::uint64_t, std::less<>> methods;
    TextMap<std::size_t> path_index;
    std::vector<std::pair<std::string, std::uint64_t>> paths;
    std::map<int, std::uint64_t> codes;
    std::vector<std::string> sequence;
    TextMap<std::uint64_t> keys;
    std::vector<Record> records;
    std::vector<std::uint64_t> seconds;
    std::uint64_t dropped_records = 0;
    TimePoint first_record{};
  };

  void count_path(std::string_view url);
  void record(const Request& request, TimePoint now);

  mutable std::mutex mutex_;
  Counts counts_;
  std::uint64_t in_flight_ = 0;
  std::uint64_t epoch_ = 1;
  TimePoint first_request_{};
};

}  // namespace slsart::target
