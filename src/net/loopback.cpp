#include "net/loopback.h"

#include <algorithm>
#include <cerrno>

#include "net/detail/dialer.h"

namespace slsart::net {

namespace {

class LoopbackTransport final : public Transport, private LoopbackPeer {
 public:
  LoopbackTransport(Loopback& world, Loop& loop) : world_(world), loop_(loop) {}

  Failure open(std::span<const SocketAddress>, std::string_view,
               TransportHandler& handler) override {
    if (const int code = take(world_.immediate_refusals)) return detail::system_failure(code);
    handler_ = &handler;
    if (world_.never_opens) return {};
    const int refused = take(world_.refusals);
    schedule({refused != 0 ? Event::kClosed : Event::kOpen, {}, refused});
    return {};
  }

  Written write(std::string_view first, std::string_view second) override {
    if (world_.write_failure != 0) return {0, detail::system_failure(world_.write_failure)};
    written_ = loop_.now();
    std::string bytes;
    bytes.append(first).append(second);
    const bool is_short = bytes.size() > world_.write_limit;
    if (is_short) {
      bytes.resize(world_.write_limit);
      schedule({Event::kWritable, {}, 0});
    }
    if (world_.on_bytes) world_.on_bytes(*this, bytes);
    return {bytes.size(), {}};
  }

  void close() override {
    if (handler_ != nullptr) ++world_.closed_by_us;
    reset();
  }

 private:
  struct Event {
    enum Kind { kOpen, kBytes, kWritable, kClosed } kind;
    std::string bytes;
    int code;
  };

  static int take(std::deque<int>& codes) {
    if (codes.empty()) return 0;
    const int code = codes.front();
    codes.pop_front();
    return code;
  }

  void send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const std::string_view piece = bytes.substr(0, world_.piece_bytes);
      schedule({Event::kBytes, std::string(piece), 0});
      bytes.remove_prefix(piece.size());
    }
  }
  void end() override { schedule({Event::kClosed, {}, 0}); }
  void fail(int code) override { schedule({Event::kClosed, {}, code}); }
  int connection() const override { return number_; }

  void reset() {
    handler_ = nullptr;
    events_.clear();
    loop_.cancel(timer_);
  }

  void schedule(Event event) {
    events_.push_back(std::move(event));
    if (!timer_.is_armed()) loop_.arm(timer_, loop_.now());
  }

  void deliver() {
    const Event event = std::move(events_.front());
    events_.pop_front();
    if (!events_.empty()) loop_.arm(timer_, loop_.now());
    TransportHandler& handler = *handler_;
    switch (event.kind) {
      case Event::kOpen:
        number_ = world_.opened++;
        return handler.on_open({});
      case Event::kBytes:
        return handler.on_bytes(event.bytes, std::max(written_, loop_.now() - world_.waited));
      case Event::kWritable:
        return handler.on_writable();
      case Event::kClosed:
        reset();
        return handler.on_closed(event.code == 0 ? Failure{} : detail::system_failure(event.code));
    }
  }

  Loopback& world_;
  Loop& loop_;
  TransportHandler* handler_ = nullptr;
  std::deque<Event> events_;
  int number_ = -1;
  core::TimePoint written_{};  // by the last write
  Timer timer_{[](void* self) { static_cast<LoopbackTransport*>(self)->deliver(); }, this};
};

}  // namespace

std::unique_ptr<Transport> Loopback::make(Loop& loop) {
  return std::make_unique<LoopbackTransport>(*this, loop);
}

}  // namespace slsart::net
