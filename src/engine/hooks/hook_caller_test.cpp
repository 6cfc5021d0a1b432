#include "engine/hooks/hook_caller.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "metrics/registry.h"

namespace slsart::engine {
namespace {

using namespace std::chrono_literals;

class NoRequests final : public StepEngine {
 public:
  StepStart start(VirtualUser&, const RequestOp&) override { return StepStart::kDone; }
  std::string_view failure_reason() const override { return {}; }
  void abandon(VirtualUser&) override {}
  void release(VirtualUser&) override {}
};

// Keeps what was written; answers are put in by the test.
class ScriptedRuntime final : public hooks::HookRuntime {
 public:
  hooks::FrameWriter& writer() override { return writer_; }
  void flush() override {}
  core::TimePoint last_heard() const override { return heard; }
  void give_up(std::string_view reason) override { given_up = reason; }
  // The messages since the last call.
  core::Value take() {
    core::Value messages = writer_.is_empty() ? core::Value(core::Value::List())
                                              : *core::parse_json(writer_.json() + "]");
    writer_.clear();
    return messages;
  }

  core::TimePoint heard{};
  std::string given_up;

 private:
  hooks::FrameWriter writer_;
};

// Ends users as a worker does.
class Host final : public FlowHost {
 public:
  void event_begins() override {}
  expr::Scope scope_of(const VirtualUser& user, core::Rng& rng) const override {
    return {.user = &user.variables, .rng = &rng};
  }
  void log_line(std::string_view text) override { lines.emplace_back(text); }
  void user_ended(VirtualUser& user, UserEnd how, std::string_view why) override {
    caller->cancel(user.hook_call);
    caller->forget(user);
    user.variables.clear();
    ends.emplace_back(how, why);
  }
  bool phases_over() const override { return false; }

  HookCaller* caller = nullptr;
  std::vector<std::string> lines;
  std::vector<std::pair<UserEnd, std::string>> ends;
};

// Users whose flow is one function step, and a second one when there is a `second`.
class HookCallerTest : public testing::Test {
 protected:
  void make(const std::vector<std::string>& functions, core::Duration limit = 10s) {
    script_.symbols = std::make_shared<core::SymbolTable>();
    script_.symbols->intern("n");
    script_.scenarios.resize(1);
    for (const std::string& name : functions) {
      script_.scenarios[0].flow.push_back({script::FunctionStep{
          .function = {.name = *expr::Template::compile(name, *script_.symbols), .span = {}}}});
    }
    loop_ = std::move(*net::Loop::make());
    program_ = std::move(*compile(script_));
    recorder_ = std::make_unique<metrics::Recorder>(registry_, loop_->refresh());
    runner_ = std::make_unique<FlowRunner>(*loop_, requests_, host_, script_, 1);
    caller_ = std::make_unique<HookCaller>(HookCaller::Parts{.loop = *loop_,
                                                             .runtime = runtime_,
                                                             .recorder = *recorder_,
                                                             .host = host_,
                                                             .program = program_,
                                                             .seed = 1,
                                                             .wall_offset = {},
                                                             .limit = limit});
    caller_->set_listeners(*runner_, nullptr);
    runner_->set_hooks(*caller_);
    host_.caller = caller_.get();
  }
  VirtualUser& start_user(std::uint64_t arrival = 0) {
    VirtualUser& user =
        *users_.emplace_back(std::make_unique<VirtualUser>(*runner_, &FlowRunner::on_timer));
    user.program = &program_.scenarios[0];
    user.arrival = arrival;
    runner_->resume(user);
    return user;
  }
  void hear(const std::string& json) {
    core::Value frame = *core::parse_json(json);
    caller_->on_frame(frame);
  }
  // The number of the only call among the messages.
  static std::string call_of(const core::Value& messages) {
    for (const core::Value& message : messages.as_list()) {
      if (message.as_list()[0].as_integer() == 3) return core::to_json(message.as_list()[1]);
    }
    return {};
  }
  std::uint64_t count(const std::string& name) {
    recorder_->finish();
    std::uint64_t found = 0;
    recorder_->take_sealed([&](const metrics::Recorder::Sealed& sealed) {
      for (std::size_t i = 0; i < sealed.late_counters.size(); ++i) {
        if (sealed.late_counters[i].name == name) found += sealed.interval.counters.at(i);
      }
    });
    return found;
  }

  script::Script script_;
  std::unique_ptr<net::Loop> loop_;
  metrics::Registry registry_;
  std::unique_ptr<metrics::Recorder> recorder_;
  Program program_;
  NoRequests requests_;
  Host host_;
  ScriptedRuntime runtime_;
  std::unique_ptr<FlowRunner> runner_;
  std::unique_ptr<HookCaller> caller_;
  std::vector<std::unique_ptr<VirtualUser>> users_;
};

TEST_F(HookCallerTest, TellsAUserOnceAndWhatChanged) {
  make({"f", "g"});
  VirtualUser& user = start_user(7);
  user.variables.set(core::Symbol{0}, core::Value(5));
  core::Value first = runtime_.take();
  EXPECT_EQ(core::to_json(first.as_list()[0]), "[1,1,7,0]");
  const std::string call = call_of(first);
  hear("{\"r\":[[" + call + ",0,[0,6]]]}");
  EXPECT_EQ(user.variables.find(core::Symbol{0})->as_integer(), 6);
  const core::Value second = runtime_.take();
  ASSERT_EQ(second.as_list().size(), 1U);
  EXPECT_TRUE(core::to_json(second.as_list()[0]).ends_with(",1,1,0,[0,6],0]"))
      << "handed out to be changed: told again";
  hear("{\"r\":[" + call_of(second) + "]}");
  ASSERT_EQ(host_.ends.size(), 1U);
  EXPECT_EQ(host_.ends[0].first, UserEnd::kCompleted);
  EXPECT_EQ(core::to_json(runtime_.take()), "[[2,1]]");
}

TEST_F(HookCallerTest, WhatTheProcessToldIsNotToldBack) {
  make({"f", "g"});
  start_user();
  hear("{\"r\":[[" + call_of(runtime_.take()) + ",0,[0,{\"deep\":1}]]]}");
  EXPECT_TRUE(core::to_json(runtime_.take()).ends_with(",1,1,0,0,0]]"));
}

TEST_F(HookCallerTest, ErrorsEndTheUserAndAreCounted) {
  make({"f"});
  start_user();
  hear("{\"r\":[[" + call_of(runtime_.take()) + ",\"went wrong\"]]}");
  ASSERT_EQ(host_.ends.size(), 1U);
  EXPECT_EQ(host_.ends[0], std::pair(UserEnd::kFailed, std::string("went wrong")));
  EXPECT_EQ(count("errors.went wrong"), 1U);
}

TEST_F(HookCallerTest, AnswersForUsersWhoAreOverMeanNothing) {
  make({"f"});
  VirtualUser& user = start_user();
  const std::string call = call_of(runtime_.take());
  host_.user_ended(user, UserEnd::kUnfinished, {});
  hear("{\"r\":[[" + call + ",\"late\"]]}");
  EXPECT_EQ(host_.ends.size(), 1U);
  start_user(1);
  hear("{\"r\":[[" + call + ",\"of the same slot\"]]}");
  EXPECT_EQ(host_.ends.size(), 1U);
}

TEST_F(HookCallerTest, NonsenseIsPassedOver) {
  make({"f"});
  start_user();
  const std::string call = call_of(runtime_.take());
  for (const char* frame :
       {"3", "{\"r\":{}}", "{\"r\":[null,[],[\"x\"],-1,1e300,[99999999]]}", "{\"c\":[0,1,-1]}",
        "{\"m\":[[0,\"c\"],[-1,\"c\",\"x\"],[1e9,\"c\",\"x\"]]}", "{\"h\":[[0,1],[],3]}"}) {
    hear(frame);
  }
  hear("{\"r\":[[" + call + ",0,[0,1,\"x\",2,99999,3,-99999,4,1]]]}");
  EXPECT_EQ(host_.ends.size(), 1U);
  EXPECT_EQ(host_.ends[0].first, UserEnd::kCompleted);
}

TEST_F(HookCallerTest, EventsAreRecordedUnderTheirNames) {
  make({"f"});
  hear(R"({"m":[[0,"c","mine"],[1,"e","oops"],[2,"h","size"]],"c":[0,3,1,2],"h":[[2,40,60]]})");
  hear(R"({"c":[0,4]})");
  EXPECT_EQ(count("mine"), 7U);
}

TEST_F(HookCallerTest, LostCallsFailAndKnownUsersFailAtTheirNext) {
  make({"f", "g"});
  start_user(0);
  hear("{\"r\":[" + call_of(runtime_.take()) + "]}");  // now waits for g
  runtime_.take();
  caller_->on_lost("it died");
  ASSERT_EQ(host_.ends.size(), 1U);
  EXPECT_EQ(host_.ends[0].second, "ERR_HOOK_PROCESS_LOST");
  EXPECT_EQ(host_.lines, std::vector<std::string>{"slsart: it died; it is started again"});
}

TEST_F(HookCallerTest, UsersOfADeadProcessAreNotCalledForAgain) {
  make({"f", "g"});
  VirtualUser& user = start_user(0);
  const std::string call = call_of(runtime_.take());
  const std::uint64_t kept = std::exchange(user.hook_call, 0);  // as if it were thinking
  caller_->cancel(const_cast<std::uint64_t&>(kept));
  caller_->on_lost("it died");
  runner_->step_done(user);
  ASSERT_EQ(host_.ends.size(), 1U);
  EXPECT_EQ(host_.ends[0].second, "ERR_HOOK_CONTEXT_LOST");
}

TEST_F(HookCallerTest, CallsThatTakeTooLongFailAndAHungProcessIsGivenUp) {
  make({"f"}, 1ms);
  start_user();
  const core::TimePoint latest = loop_->refresh() + 60s;
  while (host_.ends.empty() && loop_->now() < latest) loop_->run_once(loop_->now() + 50ms);
  ASSERT_EQ(host_.ends.size(), 1U);
  EXPECT_EQ(host_.ends[0].second, "ERR_HOOK_TIMEOUT");
  while (runtime_.given_up.empty() && loop_->now() < latest) loop_->run_once(loop_->now() + 50ms);
  EXPECT_NE(runtime_.given_up, "");
}

}  // namespace
}  // namespace slsart::engine
