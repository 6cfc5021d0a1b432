#include "loop.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

namespace slsart::target {
namespace {

constexpr std::uint64_t kTimerTag = ~0ULL;
constexpr std::uint64_t kWakeTag = ~0ULL - 1;
constexpr std::uint64_t kListenerTag = 1ULL << 63U;  // + index of the listener
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kMaxWaitingBytes = 128 * 1024 * 1024;
constexpr std::size_t kHeaderBurstBytes = 16 * 1024;
constexpr auto kDripEvery = std::chrono::seconds(1);
// Long enough for the peer to read what was sent before the reset overtakes it.
constexpr auto kResetAfter = std::chrono::milliseconds(50);

std::uint64_t tag_of(std::uint32_t slot, std::uint32_t generation) {
  return (static_cast<std::uint64_t>(generation & 0x7FFFFFFFU) << 32U) | slot;
}

void add_to_epoll(int epoll, int fd, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

socklen_t make_address(const std::string& text, std::uint16_t port, sockaddr_storage& out) {
  out = {};
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&out);
  if (inet_pton(AF_INET, text.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    return sizeof(sockaddr_in);
  }
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&out);
  inet_pton(AF_INET6, text.c_str(), &v6->sin6_addr);
  v6->sin6_family = AF_INET6;
  v6->sin6_port = htons(port);
  return sizeof(sockaddr_in6);
}

}  // namespace

Listener listen_on(const std::string& address, std::uint16_t port, PortSharing sharing,
                   std::string& error) {
  sockaddr_storage where{};
  socklen_t size = make_address(address, port, where);
  const int fd = socket(where.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (sharing == PortSharing::kYes) setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&where), size) != 0 || listen(fd, 4096) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size) != 0) {
    error = "cannot listen on " + address + ":" + std::to_string(port) + ": " + strerror(errno);
    if (fd >= 0) close(fd);
    return {};
  }
  const std::uint16_t bound = where.ss_family == AF_INET
                                  ? reinterpret_cast<sockaddr_in*>(&where)->sin_port
                                  : reinterpret_cast<sockaddr_in6*>(&where)->sin6_port;
  return Listener{.fd = fd, .port = ntohs(bound)};
}

Loop::Loop(World& world, std::vector<Listener> listeners)
    : world_(world),
      listeners_(std::move(listeners)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  add_to_epoll(epoll_, timer_, EPOLLIN, kTimerTag);
  add_to_epoll(epoll_, wake_, EPOLLIN, kWakeTag);
  for (std::size_t i = 0; i < listeners_.size(); ++i)
    add_to_epoll(epoll_, listeners_[i].fd, EPOLLIN, kListenerTag + i);
}

Loop::~Loop() {
  for (std::uint32_t slot = 0; slot < connections_.size(); ++slot)
    if (connections_[slot]->fd >= 0) close_connection(slot, Ending::kClose);
  for (const Listener& listener : listeners_) close(listener.fd);
  close(wake_);
  close(timer_);
  close(epoll_);
}

void Loop::run() {
  std::array<epoll_event, 256> events{};
  while (!is_stopping_.load(std::memory_order_relaxed)) {
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    if (world_.options.stall_for.count() > 0) stall_if_asked();
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      dispatch(event.data.u64, event.events);
    }
    arm_timer();
  }
}

void Loop::stop() {
  is_stopping_.store(true, std::memory_order_relaxed);
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
}

// Nothing happens between events, so looking when one arrives is enough.
void Loop::stall_if_asked() {
  const TimePoint first = world_.tally.first_request();
  if (has_stalled_ || first == TimePoint{}) return;
  const TimePoint from = first + world_.options.stall_at;
  const TimePoint now = std::chrono::steady_clock::now();
  if (now < from) return;
  has_stalled_ = true;
  std::this_thread::sleep_until(from + world_.options.stall_for);
}

void Loop::dispatch(std::uint64_t tag, std::uint32_t events) {
  if (tag == kTimerTag) return run_timers();
  if (tag == kWakeTag) return;
  if ((tag & kListenerTag) != 0) return accept_from(listeners_[tag & 0xFFU]);
  const auto slot = static_cast<std::uint32_t>(tag);
  const Connection& connection = *connections_[slot];
  if (connection.fd >= 0 && tag_of(slot, connection.generation) == tag) progress(slot, events);
}

void Loop::accept_from(const Listener& listener) {
  for (int i = 0; i < 64; ++i) {
    const int fd = accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE) pause_accepting();
      return;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    adopt(fd, listener.is_tls);
  }
}

void Loop::adopt(int fd, bool is_tls) {
  if (free_slots_.empty()) {
    free_slots_.push_back(static_cast<std::uint32_t>(connections_.size()));
    connections_.push_back(std::make_unique<Connection>());
  }
  const std::uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  Connection& connection = *connections_[slot];
  const std::uint32_t generation = connection.generation + 1;
  connection = Connection{};
  connection.fd = fd;
  connection.generation = generation;
  connection.number = world_.connections.fetch_add(1, std::memory_order_relaxed) + 1;
  connection.interest = EPOLLIN;
  if (is_tls) {
    connection.tls = SSL_new(world_.tls);
    SSL_set_fd(connection.tls, fd);
    SSL_set_accept_state(connection.tls);
    connection.is_handshaking = true;
  }
  world_.tally.count_accepted();
  add_to_epoll(epoll_, fd, EPOLLIN, tag_of(slot, generation));
}

// Out of descriptors: the backlog waits until a connection closes, without waking us in vain.
void Loop::pause_accepting() {
  if (!is_accepting_) return;
  is_accepting_ = false;
  for (const Listener& listener : listeners_)
    epoll_ctl(epoll_, EPOLL_CTL_DEL, listener.fd, nullptr);
}

void Loop::resume_accepting() {
  if (is_accepting_) return;
  is_accepting_ = true;
  for (std::size_t i = 0; i < listeners_.size(); ++i)
    add_to_epoll(epoll_, listeners_[i].fd, EPOLLIN, kListenerTag + i);
}

void Loop::progress(std::uint32_t slot, std::uint32_t events) {
  Connection& connection = *connections_[slot];
  if (connection.is_handshaking) {
    const Io shaken = shake_hands(connection);
    if (shaken == Io::kGone) {
      world_.tally.count_failed_handshake();
      return close_connection(slot, Ending::kClose);
    }
    if (shaken == Io::kBlocked)
      return watch(slot, SSL_want_write(connection.tls) ? EPOLLOUT : EPOLLIN);
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && fill(connection) == Io::kGone)
    return close_connection(slot, Ending::kClose);
  while (!connection.is_answering && serve_next(slot)) {
  }
  flush(slot);
}

Loop::Io Loop::shake_hands(Connection& connection) {
  ERR_clear_error();
  const int result = SSL_do_handshake(connection.tls);
  if (result == 1) {
    connection.is_handshaking = false;
    return Io::kDone;
  }
  const int error = SSL_get_error(connection.tls, result);
  const bool waits = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  return waits ? Io::kBlocked : Io::kGone;
}

Loop::Io Loop::fill(Connection& connection) {
  if (connection.in_at == connection.in.size()) {
    connection.in.clear();
    connection.in_at = 0;
  }
  static thread_local std::array<char, kReadBytes> buffer;
  while (connection.in.size() - connection.in_at < kMaxWaitingBytes) {
    long got = 0;
    if (connection.tls != nullptr) {
      ERR_clear_error();
      got = SSL_read(connection.tls, buffer.data(), static_cast<int>(buffer.size()));
      if (got <= 0)
        return SSL_get_error(connection.tls, static_cast<int>(got)) == SSL_ERROR_WANT_READ
                   ? Io::kBlocked
                   : Io::kGone;
    } else {
      got = recv(connection.fd, buffer.data(), buffer.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno == EAGAIN ? Io::kBlocked : Io::kGone;
      if (got == 0) return Io::kGone;
    }
    connection.in.append(buffer.data(), static_cast<std::size_t>(got));
    // A short read of plain TCP has emptied the socket; epoll reports what comes later.
    if (connection.tls == nullptr && static_cast<std::size_t>(got) < buffer.size()) break;
  }
  return Io::kDone;
}

bool Loop::serve_next(std::uint32_t slot) {
  Connection& connection = *connections_[slot];
  const std::string_view bytes = std::string_view(connection.in).substr(connection.in_at);
  if (bytes.empty()) return false;
  std::size_t consumed = 0;
  switch (parse_request(bytes, request_, consumed)) {
    case Parsed::kDone:
      break;
    case Parsed::kNeedMore:
      return false;
    case Parsed::kNeedBody:
      if (!connection.has_continued && !request_.header("expect").empty()) {
        connection.has_continued = true;
        connection.out += "HTTP/1.1 100 Continue\r\n\r\n";
      }
      return false;
    case Parsed::kBad:
      connection.out +=
          "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      connection.is_answering = true;
      connection.ending = Ending::kClose;
      connection.in_at = connection.in.size();
      return false;
  }
  const bool counts = !is_own_page(request_.path);
  if (counts) {
    ++connection.ordinal;
    world_.tally.count_request(request_, connection.epoch, std::chrono::steady_clock::now());
  }
  const Visit visit{world_.tally, connection.number, connection.ordinal};
  answer(slot, answer_to(request_, visit), counts);
  connection.in_at += consumed;
  connection.has_continued = false;
  return true;
}

void Loop::answer(std::uint32_t slot, const Answer& answer, bool counts) {
  Connection& connection = *connections_[slot];
  connection.is_answering = true;
  connection.is_counted = counts;
  connection.wire = answer.wire;
  connection.ending = answer.ending;
  if (answer.ending == Ending::kAsAsked && !request_.keep_alive) connection.ending = Ending::kClose;
  if (counts && answer.status != 0) world_.tally.count_answer(answer.status);
  const Duration delay = answer.delay + (counts ? world_.options.delay : Duration{});
  switch (answer.wire) {
    case Wire::kNothing:
      return;
    case Wire::kEndlessHeaders:
      connection.out += "HTTP/1.1 200 OK\r\n";
      return;
    case Wire::kDripping:
      connection.later = answer.body;
      connection.later_at = 0;
      connection.out += "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
                        std::to_string(answer.body.size()) + "\r\n\r\n";
      return schedule(slot, std::chrono::steady_clock::now() + kDripEvery, Due::kDrip);
    case Wire::kMessage:
    case Wire::kRaw:
    case Wire::kPrebuilt:
      break;
  }
  std::string& out = delay.count() > 0 ? connection.later : connection.out;
  if (answer.wire == Wire::kPrebuilt) {
    out += *answer.prebuilt;
  } else if (answer.wire == Wire::kRaw) {
    out += answer.body;
  } else {
    out += to_bytes(answer, request_);
  }
  if (delay.count() > 0)
    return schedule(slot, std::chrono::steady_clock::now() + delay, Due::kAnswer);
  finish_answer(connection);
}

// All bytes of the answer are in `out`. The connection goes on only if it may carry another
// request.
void Loop::finish_answer(Connection& connection) {
  if (connection.is_counted) world_.tally.end_request();
  connection.is_counted = false;
  if (connection.ending == Ending::kAsAsked) connection.is_answering = false;
}

Loop::Io Loop::send_some(Connection& connection, std::string_view bytes, std::size_t& sent) {
  if (connection.tls != nullptr) {
    ERR_clear_error();
    const int wanted = static_cast<int>(std::min<std::size_t>(bytes.size(), 1U << 20U));
    const int result = SSL_write(connection.tls, bytes.data(), wanted);
    if (result <= 0)
      return SSL_get_error(connection.tls, result) == SSL_ERROR_WANT_WRITE ? Io::kBlocked
                                                                           : Io::kGone;
    sent = static_cast<std::size_t>(result);
    return Io::kDone;
  }
  const ssize_t result = send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (result < 0) return errno == EAGAIN || errno == EINTR ? Io::kBlocked : Io::kGone;
  sent = static_cast<std::size_t>(result);
  return Io::kDone;
}

Loop::Io Loop::drain(Connection& connection) {
  while (connection.out_at < connection.out.size()) {
    std::size_t sent = 0;
    const std::string_view rest = std::string_view(connection.out).substr(connection.out_at);
    const Io result = send_some(connection, rest, sent);
    if (result != Io::kDone) return result;
    connection.out_at += sent;
  }
  connection.out.clear();
  connection.out_at = 0;
  return Io::kDone;
}

void Loop::flush(std::uint32_t slot) {
  Connection& connection = *connections_[slot];
  // One burst of endless headers per event: other connections must get their turn.
  if (connection.is_answering && connection.wire == Wire::kEndlessHeaders && connection.out.empty())
    while (connection.out.size() < kHeaderBurstBytes)
      connection.out += "X-Endless-" + std::to_string(connection.headers_sent++) + ": " +
                        std::string(80, 'a') + "\r\n";
  switch (drain(connection)) {
    case Io::kGone:
      return close_connection(slot, Ending::kClose);
    case Io::kBlocked:
      return watch(slot, EPOLLIN | EPOLLOUT);
    case Io::kDone:
      break;
  }
  if (!connection.is_answering) return watch(slot, EPOLLIN);
  if (connection.wire == Wire::kEndlessHeaders) return watch(slot, EPOLLIN | EPOLLOUT);
  const bool is_complete = !connection.is_counted && connection.later.empty();
  if (is_complete && connection.ending == Ending::kClose)
    return close_connection(slot, Ending::kClose);
  if (is_complete && connection.ending == Ending::kReset)
    schedule(slot, std::chrono::steady_clock::now() + kResetAfter, Due::kReset);
  watch(slot, EPOLLIN);
}

void Loop::watch(std::uint32_t slot, std::uint32_t events) {
  Connection& connection = *connections_[slot];
  if (connection.interest == events) return;
  connection.interest = events;
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag_of(slot, connection.generation);
  epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
}

void Loop::close_connection(std::uint32_t slot, Ending how) {
  Connection& connection = *connections_[slot];
  if (connection.is_counted) world_.tally.end_request();
  if (connection.tls != nullptr) {
    if (how == Ending::kClose && !connection.is_handshaking) SSL_shutdown(connection.tls);
    SSL_free(connection.tls);
  }
  if (how == Ending::kReset) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  close(connection.fd);
  const std::uint32_t generation = connection.generation;
  connection = Connection{};
  connection.generation = generation;
  free_slots_.push_back(slot);
  resume_accepting();
}

void Loop::schedule(std::uint32_t slot, TimePoint at, Due due) {
  timers_.push({at, slot, connections_[slot]->generation, due});
}

void Loop::arm_timer() {
  if (timers_.empty() || timers_.top().at == armed_for_) return;
  armed_for_ = timers_.top().at;
  const auto since = armed_for_.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
  itimerspec when{};
  when.it_value.tv_sec = seconds.count();
  when.it_value.tv_nsec = std::chrono::nanoseconds(since - seconds).count();
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &when, nullptr);
}

void Loop::run_timers() {
  std::uint64_t expirations = 0;
  [[maybe_unused]] const auto got = read(timer_, &expirations, sizeof expirations);
  armed_for_ = {};
  const TimePoint now = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.top().at <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    const Connection& connection = *connections_[timer.slot];
    if (connection.fd >= 0 && connection.generation == timer.generation) on_timer(timer);
  }
}

void Loop::on_timer(const Timer& timer) {
  Connection& connection = *connections_[timer.slot];
  if (timer.due == Due::kReset) return close_connection(timer.slot, Ending::kReset);
  if (timer.due == Due::kDrip && connection.later_at < connection.later.size()) {
    connection.out += connection.later[connection.later_at++];
    if (connection.later_at < connection.later.size()) {
      schedule(timer.slot, timer.at + kDripEvery, Due::kDrip);
      return flush(timer.slot);
    }
  } else {
    connection.out += connection.later;
  }
  connection.later.clear();
  finish_answer(connection);
  while (!connection.is_answering && serve_next(timer.slot)) {
  }
  flush(timer.slot);
}

}  // namespace slsart::target
