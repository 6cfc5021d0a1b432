// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "core/value.h"
#include "engine/flow/runner.h"
#include "engine/hooks/answer.h"
#include "engine/hooks/hook_metrics.h"
#include "engine/virtual_user.h"
#include "hooks/hook_runtime.h"
#include "metrics/recorder.h"
#include "net/loop.h"

namespace slsart::engine {

class HttpEngine;

// Calls functions of the processor for the users of one worker: turns variables, cookies, requests
// and responses into messages and answers into what they mean. A call that fails, is lost or takes
// too long ends its user; nothing waits for ever. On the worker's thread.
class HookCaller final : public hooks::RuntimeListener {
 public:
  struct Parts {
    net::Loop& loop;
    hooks::HookRuntime& runtime;
    metrics::Recorder& recorder;
    FlowHost& host;
    const Program& program;
    std::uint64_t seed;
    core::Duration wall_offset;
    core::Duration limit;  // of one call
  };
  explicit HookCaller(const Parts& parts);
  // Who hears of ends. `http` may be null where no request has hooks.
  void set_listeners(FlowRunner& runner, HttpEngine* http);

  // Each starts a call whose end is told to the runner or the HTTP engine. False: it cannot be made
  // any more, failure_reason() says why and has been counted.
  bool call_functions(VirtualUser& user, std::uint32_t point);
  bool call_before(HttpVisit& visit);
  bool call_after(HttpVisit& visit, std::string_view body);
  bool call_error(HttpVisit& visit, std::string_view reason);
  std::string_view failure_reason() const { return failure_reason_; }

  // Nobody waits for the call any more; 0 is none.
  void cancel(std::uint64_t& call);
  // The user is over.
  void forget(VirtualUser& user);

  // Variables that the script does not name, as the last answer had them (HookWorld::keeps_all).
  core::Value& others() { return others_; }

  void on_frame(core::Value& frame) override;
  void on_lost(std::string_view reason) override;

 private:
  // A call under way; kept in slots, a call's number is its slot and how often that was used.
  struct Pending {
    std::uint64_t call = 0;  // 0: the slot is free
    VirtualUser* user = nullptr;
    HttpVisit* visit = nullptr;  // null: a step of the flow
    const HookPoint* point = nullptr;
    core::TimePoint deadline{};
  };

  bool begin(VirtualUser& user);
  void tell_user(VirtualUser& user);
  void tell_cookies(VirtualUser& user);
  std::uint64_t open_call(VirtualUser& user, HttpVisit* visit, std::uint32_t point, int kind);
  void write_variables(VirtualUser& user);
  void write_names(const VirtualUser& user, const HookPoint& point);
  void write_number(std::int64_t number);
  void write_piece(std::string_view bytes);
  Pending* find(std::uint64_t call);
  void end(std::uint64_t call, HookAnswer& answer);
  void apply_variables(VirtualUser& user, core::Value& changes);
  void apply_cookies(VirtualUser& user, const core::Value& list);
  void dispatch(const Pending& call, HookAnswer& answer);
  void on_tick();
  void fail(std::uint64_t call, const std::string& error);
  void count_error(std::string_view text);

  Parts in_;
  FlowRunner* runner_ = nullptr;
  HttpEngine* http_ = nullptr;
  std::vector<Pending> pending_;
  std::vector<std::uint32_t> free_slots_;
  std::uint64_t uses_ = 0;
  std::vector<std::uint32_t> free_users_;
  std::uint32_t users_made_ = 0;
  std::uint32_t epoch_ = 1;  // counts the processes
  HookMetrics metrics_;
  core::Value others_;
  std::string failure_reason_;
  std::string scratch_;
  core::TimePoint asked_{};  // "anybody there" that was not answered yet; zero: none
  net::Timer tick_{[](void* self) { static_cast<HookCaller*>(self)->on_tick(); }, this};
};

}  // namespace slsart::engine
