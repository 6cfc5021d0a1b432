#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <thread>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "certificate.h"
#include "loop.h"
#include "options.h"

namespace slsart::target {
namespace {

constexpr int kUsageExit = 2;

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Ends us with the thread that started us. False if it is gone already.
bool end_with_parent(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  return getppid() == parent;
}

sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

void wait_for_end(const sigset_t& signals, Duration limit) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit);
  timespec wait{};
  wait.tv_sec = seconds.count();
  wait.tv_nsec = (limit - seconds).count();
  while (sigtimedwait(&signals, nullptr, &wait) < 0 && errno == EINTR) {
  }
}

struct Ports {
  std::optional<std::uint16_t> http;
  std::optional<std::uint16_t> https;
};

// The listeners of one loop. The first loop finds the free ports, the others join them.
std::vector<Listener> open_listeners(const Options& options, Ports& ports, std::string& error) {
  std::vector<Listener> listeners;
  const auto sharing = options.threads > 1 ? PortSharing::kYes : PortSharing::kNo;
  const auto open = [&](std::optional<std::uint16_t>& port, bool is_tls) {
    if (!port || !error.empty()) return;
    Listener listener = listen_on(options.bind, *port, sharing, error);
    if (listener.fd < 0) return;
    port = listener.port;
    listener.is_tls = is_tls;
    listeners.push_back(listener);
  };
  open(ports.http, false);
  open(ports.https, true);
  return listeners;
}

void print_ready(const Ports& ports) {
  const auto show = [](const std::optional<std::uint16_t>& port) {
    return port ? std::to_string(*port) : std::string("null");
  };
  std::printf("{\"http\":%s,\"https\":%s,\"pid\":%d}\n", show(ports.http).c_str(),
              show(ports.https).c_str(), static_cast<int>(getpid()));
  std::fflush(stdout);
}

int fail(const std::string& message) {
  std::fprintf(stderr, "slsart-target: %s\n", message.c_str());
  return EXIT_FAILURE;
}

int serve(const Options& options) {
  const sigset_t signals = block_stop_signals();
  raise_descriptor_limit();
  prctl(PR_SET_TIMERSLACK, 1UL);
  std::string error;
  TlsContextPtr tls;
  if (options.https_port) {
    tls = make_tls_context(options, error);
    if (!tls) return fail(error);
  }
  World world{.options = options, .tls = tls.get(), .tally = {}, .connections = 0};
  Ports ports{options.http_port, options.https_port};
  std::list<Loop> loops;
  for (unsigned i = 0; i < options.threads; ++i) {
    auto listeners = open_listeners(options, ports, error);
    if (!error.empty()) return fail(error);
    loops.emplace_back(world, std::move(listeners));
  }
  std::vector<std::thread> threads;
  for (Loop& loop : loops) threads.emplace_back([&loop] { loop.run(); });
  print_ready(ports);
  wait_for_end(signals, options.exit_after);
  for (Loop& loop : loops) loop.stop();
  for (std::thread& thread : threads) thread.join();
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace slsart::target

int main(int argc, char** argv) {
  using namespace slsart::target;
  const pid_t parent = getppid();
  const auto parsed = parse_options(argc, argv);
  if (std::holds_alternative<ShowHelp>(parsed)) {
    std::fputs(help_text().c_str(), stdout);
    return EXIT_SUCCESS;
  }
  if (const auto* const error = std::get_if<UsageError>(&parsed)) {
    std::fprintf(stderr, "slsart-target: %s\ntry slsart-target --help\n", error->message.c_str());
    return kUsageExit;
  }
  const Options& options = std::get<Options>(parsed);
  if (options.with_parent && !end_with_parent(parent)) return EXIT_SUCCESS;
  return serve(options);
}
