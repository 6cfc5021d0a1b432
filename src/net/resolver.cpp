#include "net/resolver.h"

#include <ares.h>
#include <netdb.h>
#include <unistd.h>

#include <algorithm>
#include <list>
#include <unordered_map>

#include "core/text.h"
#include "net/detail/address.h"

namespace slsart::net {

namespace {

constexpr core::Duration kPatience = 5 * core::kSecond;  // for one question, all servers and tries
constexpr int kFirstTryMilliseconds = 1500;              // doubled by c-ares with each try
constexpr int kTries = 2;
constexpr core::Duration kShortestLife = core::kSecond;
constexpr core::Duration kLongestLife = 60 * core::kSecond;
// About a mebibyte of names and addresses.
constexpr std::size_t kMostCached = 4096;

Failure dns_failure(int status) {
  return {FailureDomain::kDns, status};
}

struct Waiter {
  std::uint64_t token;
  std::uint16_t port;
  Resolver::Callback callback;  // null: cancelled or called
  void* owner;
};

struct Cached {
  std::vector<SocketAddress> addresses;
  core::TimePoint expires;
};

Resolution with_port(const std::vector<SocketAddress>& addresses, std::uint16_t port) {
  Resolution resolution{.addresses = addresses, .failure = {}};
  for (SocketAddress& address : resolution.addresses) detail::set_port(address, port);
  return resolution;
}

std::vector<SocketAddress> to_addresses(const ares_addrinfo* answer, core::Duration& life) {
  std::vector<SocketAddress> addresses;
  for (const ares_addrinfo_node* node = answer->nodes; node != nullptr; node = node->ai_next) {
    if (node->ai_family == AF_INET) {
      const auto* native = reinterpret_cast<const sockaddr_in*>(node->ai_addr);
      addresses.push_back(detail::to_socket_address(native->sin_addr, 0));
    } else if (node->ai_family == AF_INET6) {
      const auto* native = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
      addresses.push_back(detail::to_socket_address(native->sin6_addr, 0));
    } else {
      continue;
    }
    life = std::min<core::Duration>(life, std::chrono::seconds(std::max(node->ai_ttl, 0)));
  }
  return addresses;
}

}  // namespace

struct Resolver::State {
  State(Loop& l) : loop(l) {}  // NOLINT(*-explicit-*)
  ~State();

  struct Query {
    Query(State& s, std::string_view name)
        : state(s), host(name), guard([](void* self) { give_up(self); }, this) {}
    static void give_up(void* self);
    State& state;
    std::string host;
    std::vector<Waiter> waiters;
    bool is_answered = false;  // perhaps by us, while c-ares still waits
    bool is_with_ares = true;  // c-ares will still call back
    int delivering = 0;
    Timer guard;
  };

  // One socket of c-ares.
  struct Socket final : Watcher {
    Socket(State& s, int fd) : state(s), descriptor(fd) {}
    void on_ready(Readiness readiness) override;
    State& state;
    int descriptor;
    bool wants_write = false;
  };

  void ask(Query& query);
  void answered(Query& query, int status, ares_addrinfo* answer);
  void deliver(Query& query, const std::vector<SocketAddress>& addresses, Failure failure);
  void remember(const std::string& host, const std::vector<SocketAddress>& addresses,
                core::Duration life);
  void forget_if_over(Query& query);
  void socket_changed(int descriptor, bool wants_read, bool wants_write);
  void arm_timeout();

  Loop& loop;
  ares_channel channel = nullptr;
  bool has_servers = true;
  std::uint64_t next_token = 1;
  std::list<Query> queries;
  std::unordered_map<std::string, Cached> cache;
  std::unordered_map<int, std::unique_ptr<Socket>> sockets;
  Timer timeout{[](void* self) {
                  auto& state = *static_cast<State*>(self);
                  ares_process_fd(state.channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
                  state.arm_timeout();
                },
                this};
};

Resolver::Resolver() = default;
Resolver::~Resolver() = default;

Resolver::State::~State() {
  for (Query& query : queries) query.waiters.clear();
  if (channel != nullptr) ares_destroy(channel);  // calls back for each query with c-ares
}

core::Result<std::unique_ptr<Resolver>> Resolver::make(Loop& loop, Options options) {
  std::unique_ptr<Resolver> resolver(new Resolver);
  resolver->state_ = std::make_unique<State>(loop);
  State& state = *resolver->state_;
  state.has_servers = !options.servers.empty() || access("/etc/resolv.conf", R_OK) == 0;

  ares_options ares{};
  ares.timeout = kFirstTryMilliseconds;
  ares.tries = kTries;
  // Without servers c-ares would ask this machine; then only /etc/hosts is looked at.
  std::string lookups = state.has_servers ? "fb" : "f";
  ares.lookups = lookups.data();
  ares.sock_state_cb_data = &state;
  ares.sock_state_cb = [](void* data, ares_socket_t descriptor, int reads, int writes) {
    static_cast<State*>(data)->socket_changed(descriptor, reads != 0, writes != 0);
  };
  const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB;
  int status = ares_library_init(ARES_LIB_INIT_ALL);
  if (status == ARES_SUCCESS) status = ares_init_options(&state.channel, &ares, mask);
  if (status == ARES_SUCCESS && !options.servers.empty()) {
    status = ares_set_servers_ports_csv(state.channel, options.servers.c_str());
  }
  if (status != ARES_SUCCESS) {
    return core::Error{.code = core::ErrorCode::kIo,
                       .message = std::string("cannot resolve names: ") + ares_strerror(status),
                       .hint = "the name servers are taken from /etc/resolv.conf",
                       .offset = std::nullopt};
  }
  return resolver;
}

std::uint64_t Resolver::resolve(std::string_view host, std::uint16_t port, Callback callback,
                                void* owner) {
  State& state = *state_;
  if (const auto literal = detail::parse_address(host, port)) {
    callback(owner, {.addresses = {*literal}, .failure = {}});
    return 0;
  }
  if (core::equals_ignoring_case(host, "localhost")) {
    callback(owner, {.addresses = {*detail::parse_address("127.0.0.1", port),
                                   *detail::parse_address("::1", port)},
                     .failure = {}});
    return 0;
  }
  const std::string name = core::to_lower(host);
  if (const auto found = state.cache.find(name); found != state.cache.end()) {
    if (state.loop.now() < found->second.expires) {
      callback(owner, with_port(found->second.addresses, port));
      return 0;
    }
    state.cache.erase(found);
  }
  const std::uint64_t token = state.next_token++;
  const auto same = std::ranges::find_if(state.queries, [&](const State::Query& query) {
    return !query.is_answered && query.host == name;
  });
  if (same != state.queries.end()) {
    same->waiters.push_back({token, port, callback, owner});
    return token;
  }
  State::Query& query = state.queries.emplace_back(state, name);
  query.waiters.push_back({token, port, callback, owner});
  query.delivering = 1;  // keeps it while c-ares may answer from inside
  state.ask(query);
  query.delivering = 0;
  const bool is_answered = query.is_answered;
  state.forget_if_over(query);
  return is_answered ? 0 : token;
}

void Resolver::cancel(std::uint64_t token) {
  for (State::Query& query : state_->queries) {
    for (Waiter& waiter : query.waiters) {
      if (waiter.token == token) waiter.callback = nullptr;
    }
  }
}

void Resolver::State::ask(Query& query) {
  loop.arm(query.guard, loop.now() + kPatience);
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(
      channel, query.host.c_str(), nullptr, &hints,
      [](void* self, int status, int, ares_addrinfo* answer) {
        auto& answered = *static_cast<Query*>(self);
        answered.is_with_ares = false;
        answered.state.answered(answered, status, answer);
      },
      &query);
  arm_timeout();
}

void Resolver::State::Query::give_up(void* self) {
  auto& query = *static_cast<Query*>(self);
  query.state.deliver(query, {}, dns_failure(ARES_ETIMEOUT));
}

void Resolver::State::answered(Query& query, int status, ares_addrinfo* answer) {
  core::Duration life = kLongestLife;
  std::vector<SocketAddress> addresses;
  if (status == ARES_SUCCESS) addresses = to_addresses(answer, life);
  if (answer != nullptr) ares_freeaddrinfo(answer);
  if (status == ARES_SUCCESS && addresses.empty()) status = ARES_ENODATA;
  // Nobody was asked: that is no "unknown name".
  if (status != ARES_SUCCESS && !has_servers) status = ARES_ECONNREFUSED;
  if (status == ARES_SUCCESS) remember(query.host, addresses, life);
  deliver(query, addresses, status == ARES_SUCCESS ? Failure{} : dns_failure(status));
}

void Resolver::State::deliver(Query& query, const std::vector<SocketAddress>& addresses,
                              Failure failure) {
  loop.cancel(query.guard);
  query.is_answered = true;
  ++query.delivering;
  for (std::size_t i = 0; i < query.waiters.size(); ++i) {
    Waiter& waiter = query.waiters[i];
    const Callback callback = std::exchange(waiter.callback, nullptr);
    if (callback == nullptr) continue;
    Resolution resolution = with_port(addresses, waiter.port);
    resolution.failure = failure;
    callback(waiter.owner, resolution);
  }
  query.waiters.clear();
  --query.delivering;
  forget_if_over(query);
}

void Resolver::State::forget_if_over(Query& query) {
  if (!query.is_answered || query.is_with_ares || query.delivering > 0) return;
  queries.remove_if([&](const Query& other) { return &other == &query; });
}

void Resolver::State::remember(const std::string& host, const std::vector<SocketAddress>& addresses,
                               core::Duration life) {
  if (cache.size() >= kMostCached) {
    std::erase_if(cache, [&](const auto& entry) { return entry.second.expires <= loop.now(); });
    if (cache.size() >= kMostCached) cache.clear();
  }
  cache[host] = {addresses, loop.now() + std::clamp(life, kShortestLife, kLongestLife)};
}

void Resolver::State::Socket::on_ready(Readiness readiness) {
  State& owner = state;
  const int fd = descriptor;
  const bool reads = readiness.readable || readiness.hang_up || readiness.error;
  const bool writes = readiness.writable && wants_write;
  if (!reads && !writes) return;
  ares_process_fd(owner.channel, reads ? fd : ARES_SOCKET_BAD, writes ? fd : ARES_SOCKET_BAD);
  // c-ares expects level-triggered readiness.
  if (const auto found = owner.sockets.find(fd); found != owner.sockets.end()) {
    owner.loop.recheck(fd, *found->second);
  }
  owner.arm_timeout();
}

void Resolver::State::socket_changed(int descriptor, bool wants_read, bool wants_write) {
  const auto found = sockets.find(descriptor);
  if (!wants_read && !wants_write) {
    if (found == sockets.end()) return;
    loop.unwatch(descriptor, *found->second);
    sockets.erase(found);  // perhaps while its on_ready() runs, which touches it no more
    return;
  }
  if (found != sockets.end()) {
    found->second->wants_write = wants_write;
    return;
  }
  auto socket = std::make_unique<Socket>(*this, descriptor);
  socket->wants_write = wants_write;
  // A socket that cannot be watched answers by its time-out.
  if (loop.watch(descriptor, *socket)) sockets.emplace(descriptor, std::move(socket));
}

void Resolver::State::arm_timeout() {
  timeval longest{.tv_sec = 3600, .tv_usec = 0};
  timeval next{};
  if (ares_timeout(channel, &longest, &next) == &longest) {
    loop.cancel(timeout);
    return;
  }
  loop.arm(timeout, loop.now() + std::chrono::seconds(next.tv_sec) +
                        std::chrono::microseconds(next.tv_usec));
}

}  // namespace slsart::net
