#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "run/fleet/detail/memory_store.h"
#include "run/fleet/executor.h"
#include "run/fleet/fleet.h"

namespace slsart::test {

// Executors that are threads of this process: what is dispatched is done by run::fleet's own
// handle_event().
class ThreadFleet final : public run::Dispatcher {
 public:
  explicit ThreadFleet(run::Store& store) : store_(store) {}
  ~ThreadFleet() override { join(); }

  // How an event is treated; set before the first start().
  std::function<int(std::size_t number)> copies = [](std::size_t) { return 1; };
  std::function<core::Duration(std::size_t number)> delay = [](std::size_t) {
    return core::Duration::zero();
  };
  std::function<bool()> has_room = [] { return true; };
  core::Duration remaining = std::chrono::seconds(60);
  const core::Clock* clock = nullptr;
  run::Notifier* notifier = nullptr;
  std::string token = "token";

  std::vector<run::Dispatched> start(std::span<const std::string> events) override {
    std::vector<run::Dispatched> outcomes;
    for (const std::string& event : events) {
      run::Dispatched outcome;
      if (!has_room()) {
        outcome.outcome = run::Dispatched::Outcome::kThrottled;
      } else {
        const std::size_t number = started_++;
        for (int copy = 0; copy < copies(number); ++copy) begin(event, delay(number));
      }
      outcomes.push_back(outcome);
    }
    return outcomes;
  }
  core::Result<std::string> call(const std::string& event, core::Duration) override {
    return run::fleet::handle_event(event, invocation(), surroundings());
  }
  core::Result<Capacity> capacity() override { return Capacity{.at_once = 1000}; }

  void join() {
    for (;;) {
      std::vector<std::thread> threads;
      {
        const std::lock_guard lock(mutex_);
        threads.swap(threads_);
      }
      if (threads.empty()) return;
      for (std::thread& thread : threads) thread.join();
    }
  }
  std::vector<std::string> answers() {
    const std::lock_guard lock(mutex_);
    return answers_;
  }
  std::size_t active() const { return active_; }
  std::size_t started() const { return started_; }

  run::fleet::Surroundings surroundings() {
    return {.store = &store_,
            .dispatcher = this,
            .notifier = notifier,
            .clock = clock,
            .token = token,
            .directory = ".",
            .scratch = "/tmp",
            .version = "test",
            .log = {}};
  }
  run::fleet::Invocation invocation() {
    return {
        .request_id = "r" + std::to_string(++requests_), .function = "f", .remaining = remaining};
  }

 private:
  void begin(const std::string& event, core::Duration after) {
    const std::lock_guard lock(mutex_);
    ++active_;
    threads_.emplace_back([this, event, after] {
      std::this_thread::sleep_for(after);
      const auto answer = run::fleet::handle_event(event, invocation(), surroundings());
      const std::lock_guard guard(mutex_);
      answers_.push_back(answer ? *answer : "error: " + answer.error().message);
      --active_;
    });
  }

  run::Store& store_;
  std::mutex mutex_;
  std::vector<std::thread> threads_;
  std::vector<std::string> answers_;
  std::atomic<std::size_t> active_{0}, started_{0}, requests_{0};
};

}  // namespace slsart::test
