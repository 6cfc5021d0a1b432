// delay_server DELAY FILE [SEED [CERTIFICATE KEY]]: an HTTP/1.1 server on loopback that answers
// every request after a delay of a known distribution and keeps a record of what it did; the truth
// that reports are compared with. With a certificate and its key (PEM files) it speaks TLS 1.3.
//
//   none               at once
//   constant:5         5 ms
//   bimodal:2:50:0.05   2 ms, or 50 ms with probability 0.05
//   lognormal:5:0.5    median 5 ms, sigma 0.5
//
// Prints its port. At SIGTERM it writes FILE: for each request three 64-bit integers in nanoseconds
// of the monotonic clock: the header x-due (-1 without), when the request arrived (the kernel's time
// stamp; under TLS when it was read), when the answer was handed to the kernel (-1: never, the
// client had gone). The delay is counted from the arrival. One thread; sleeps with epoll_pwait2
// until 60 us before an answer is due and spins from there. The same SEED gives the same delays.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
constexpr std::int64_t kSpin = 60'000;

volatile sig_atomic_t ended = 0;

std::int64_t now() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

struct Row {
  std::int64_t due, arrived, answered;
};

struct Pending {
  std::int64_t at;
  int fd;
  std::uint64_t connection;
  std::size_t row;
  bool operator>(const Pending& other) const { return at > other.at; }
};

struct FreeTls {
  void operator()(SSL* tls) const { SSL_free(tls); }
};

// A connection's number tells it from a later one that got the same descriptor.
struct Connection {
  std::uint64_t number = 0;
  std::string head;
  std::unique_ptr<SSL, FreeTls> tls;  // null: plain
};

std::function<std::int64_t()> make_delay(const char* text, std::uint64_t seed) {
  static std::mt19937_64 random(seed);
  double a = 0, b = 0, c = 0;
  if (std::sscanf(text, "constant:%lf", &a) == 1)
    return [=] { return static_cast<std::int64_t>(a * 1e6); };
  if (std::sscanf(text, "bimodal:%lf:%lf:%lf", &a, &b, &c) == 3)
    return [=] {
      return static_cast<std::int64_t>((std::uniform_real_distribution<>()(random) < c ? b : a) *
                                       1e6);
    };
  if (std::sscanf(text, "lognormal:%lf:%lf", &a, &b) == 2)
    return [=] {
      return static_cast<std::int64_t>(a * 1e6 *
                                       std::exp(b * std::normal_distribution<>()(random)));
    };
  return [] { return std::int64_t{0}; };
}

class Server {
 public:
  // `tls` may be null: plain.
  Server(std::function<std::int64_t()> delay, SSL_CTX* tls) : delay_(std::move(delay)), tls_(tls) {
    rows_.reserve(4'000'000);
    set_ = epoll_create1(0);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const int on = 1;
    setsockopt(listener_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);  // its connections inherit it
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 4096) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      std::exit(1);
    watch(listener_);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  void run() {
    epoll_event events[256];
    while (ended == 0) {
      std::int64_t wait = 100'000'000;
      if (!pending_.empty()) wait = std::max<std::int64_t>(0, pending_.top().at - now() - kSpin);
      const timespec time{wait / 1'000'000'000, wait % 1'000'000'000};
      const int count = epoll_pwait2(set_, events, 256, &time, nullptr);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd == listener_)
          accept_all();
        else
          read(events[i].data.fd);
      }
      while (!pending_.empty() && pending_.top().at <= now()) {
        const Pending next = pending_.top();
        pending_.pop();
        const auto to = connections_.find(next.fd);
        if (to != connections_.end() && to->second.number == next.connection)
          answer(next.fd, to->second, next.row);
      }
    }
  }

  bool save(const char* file) const {
    FILE* out = std::fopen(file, "wb");
    if (out == nullptr) return false;
    const bool whole = std::fwrite(rows_.data(), sizeof(Row), rows_.size(), out) == rows_.size();
    return std::fclose(out) == 0 && whole;
  }

 private:
  void watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(set_, EPOLL_CTL_ADD, fd, &event);
  }

  void accept_all() {
    for (int fd; (fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int on = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      watch(fd);
      Connection& made = connections_[fd];
      made = {++accepted_, {}, {}};
      if (tls_ == nullptr) continue;
      made.tls.reset(SSL_new(tls_));
      SSL_set_fd(made.tls.get(), fd);
      SSL_set_accept_state(made.tls.get());
    }
  }

  // How long ago the wall clock showed this.
  static std::int64_t age_of(const timespec& stamp) {
    timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    return (wall.tv_sec - stamp.tv_sec) * 1'000'000'000 + wall.tv_nsec - stamp.tv_nsec;
  }

  // As recv(2); `age`: how long ago the bytes came, 0 if the kernel does not say.
  static ssize_t receive_stamped(int fd, char* buffer, int size, std::int64_t& age) {
    iovec piece{buffer, static_cast<std::size_t>(size)};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(timespec))];
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    const ssize_t got = recvmsg(fd, &message, 0);
    const cmsghdr* const header = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    if (header != nullptr && header->cmsg_type == SCM_TIMESTAMPNS) {
      timespec stamp;
      std::memcpy(&stamp, CMSG_DATA(header), sizeof stamp);
      age = age_of(stamp);
    }
    return got;
  }

  // Bytes of the request into `buffer`; 0: none yet; -1: the connection has ended.
  static ssize_t receive(int fd, Connection& from, char* buffer, int size, std::int64_t& age) {
    if (from.tls) {
      const int got = SSL_read(from.tls.get(), buffer, size);
      if (got > 0) return got;
      return SSL_get_error(from.tls.get(), got) == SSL_ERROR_WANT_READ ? 0 : -1;
    }
    const ssize_t got = receive_stamped(fd, buffer, size, age);
    if (got > 0) return got;
    return got < 0 && errno == EAGAIN ? 0 : -1;
  }

  // A client has at most one request under way on a connection, so a head is either whole or not
  // yet.
  void read(int fd) {
    char buffer[4096];
    Connection& from = connections_[fd];
    std::int64_t age = 0;
    const ssize_t got = receive(fd, from, buffer, sizeof buffer, age);
    if (got < 0) {
      connections_.erase(fd);
      close(fd);
      return;
    }
    if (got == 0) return;
    std::string& head = from.head;
    head.append(buffer, static_cast<std::size_t>(got));
    if (head.find("\r\n\r\n") == std::string::npos) return;
    const std::size_t mark = head.find("x-due: ");
    const std::int64_t due = mark == std::string::npos ? -1 : std::atoll(head.c_str() + mark + 7);
    head.clear();
    const std::int64_t arrived = now() - age;
    rows_.push_back({due, arrived, -1});
    const std::int64_t delay = delay_();
    if (delay == 0) return answer(fd, from, rows_.size() - 1);
    pending_.push({arrived + delay, fd, from.number, rows_.size() - 1});
  }

  void answer(int fd, Connection& to, std::size_t row) {
    constexpr auto kSize = static_cast<ssize_t>(kAnswer.size());
    const std::int64_t answered = now();
    const ssize_t sent = to.tls ? SSL_write(to.tls.get(), kAnswer.data(), static_cast<int>(kSize))
                                : send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
    if (sent == kSize) rows_[row].answered = answered;
  }

  std::function<std::int64_t()> delay_;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;
  std::unordered_map<int, Connection> connections_;
  std::vector<Row> rows_;
  std::uint64_t accepted_ = 0;
  SSL_CTX* tls_;
  int set_ = -1, listener_ = -1;
};

SSL_CTX* make_tls(const char* certificate, const char* key) {
  SSL_CTX* const made = SSL_CTX_new(TLS_server_method());
  if (made == nullptr || SSL_CTX_set_min_proto_version(made, TLS1_3_VERSION) != 1 ||
      SSL_CTX_use_certificate_chain_file(made, certificate) != 1 ||
      SSL_CTX_use_PrivateKey_file(made, key, SSL_FILETYPE_PEM) != 1)
    std::exit(1);
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4 && argc != 6) return 2;
  signal(SIGTERM, [](int) { ended = 1; });
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_TIMERSLACK, 1);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  Server server(make_delay(argv[1], argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1),
                argc > 4 ? make_tls(argv[4], argv[5]) : nullptr);
  server.run();
  return server.save(argv[2]) ? 0 : 1;
}
