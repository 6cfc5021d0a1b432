#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/hooks/processor.h"
#include "engine/worker.h"
#include "metrics/collector.h"
#include "plan/schedule.h"
#include "run/run.h"

namespace slsart::run {

// Lines of `log` steps on their way from the workers to the caller's thread; bounded, so that a
// script that logs faster than a terminal shows cannot fill the memory.
class LogQueue {
 public:
  static constexpr std::size_t kMaxLines = 10'000;
  bool push(std::string_view line);  // any thread; false: full, the line is dropped
  std::deque<std::string> take();

 private:
  std::mutex mutex_;
  std::deque<std::string> lines_;
};

// One run in this process: builds the workers, watches them, makes the document. One thread.
class LocalRun {
 public:
  LocalRun(const script::Script& script, const RunOptions& options, const RunEvents& events,
           const StopSource& stop);
  ~LocalRun();

  core::Result<metrics::RunDocument> execute();
  core::Result<std::vector<core::Member>> execute_before();
  core::Result<void> execute_after();

 private:
  core::Result<void> prepare();
  core::Result<void> run_before();
  void keep_variables(const engine::Worker& lone);
  void share_left_by_before();
  core::Result<std::string> run_lone_flow(const engine::FlowProgram& flow, std::uint32_t index,
                                          bool keeps_variables);
  core::Result<void> start_workers();
  core::Result<void> start_processors(std::uint32_t count);
  std::uint32_t worker_count() const;
  void watch();
  void stop_workers();
  void stop_at_breach(core::Duration elapsed);
  [[noreturn]] void save_and_wait();
  void announce_phases(core::Duration elapsed);
  void announce_periods(bool final);
  void draw_frame(core::Duration elapsed);
  void hand_out_part(bool is_last);
  void pass_log_lines();
  void run_after();
  metrics::RunDocument describe() const;
  metrics::RunDocument make_document();
  bool all_done() const;
  std::int64_t slice_of(std::int64_t second) const;

  const script::Script& script_;
  const RunOptions& options_;
  const RunEvents& events_;
  const StopSource& stop_;
  core::SystemClock clock_;

  engine::Program program_;
  metrics::Registry registry_;
  engine::MetricIds ids_;
  std::unique_ptr<plan::Schedule> schedule_;
  engine::RunContext context_;
  std::atomic<std::int64_t> active_users_{0};
  LogQueue log_;

  std::vector<std::unique_ptr<engine::HookProcess>> processors_;  // one per worker, or none
  std::vector<std::unique_ptr<engine::Worker>> workers_;
  std::vector<std::thread> threads_;
  std::unique_ptr<metrics::Collector> collector_;
  core::WallTime wall_start_;
  core::Duration elapsed_{};
  std::vector<metrics::PhaseInfo> phases_;
  std::size_t phases_started_ = 0;
  std::size_t phases_completed_ = 0;
  std::int64_t next_period_second_ = 0;  // first second that no period has told of
  std::int64_t next_part_second_ = 0;    // first second that no part holds
  std::vector<core::Member> left_by_before_;
  bool stopped_ = false;
  std::vector<std::string> notes_;
};

}  // namespace slsart::run
