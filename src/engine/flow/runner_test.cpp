#include "engine/flow/runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace slsart::engine {
namespace {

using script::Step;
using namespace std::chrono_literals;

// Records what is asked of it; every request answers at once unless told otherwise.
class RecordingEngine : public StepEngine {
 public:
  StepStart start(VirtualUser& user, const RequestOp& op) override {
    if (next == StepStart::kWaiting) waiting.push_back(&user);
    std::string text;
    core::Rng rng = FlowRunner::visit_rng(user, 1, op.request->number());
    op.request->step().url.render({.user = &user.variables, .rng = &rng}, text);
    urls.push_back(text);
    return next;
  }
  std::string_view failure_reason() const override { return "why"; }
  void abandon(VirtualUser&) override {}
  void release(VirtualUser&) override {}

  std::vector<std::string> urls;
  std::vector<VirtualUser*> waiting;
  StepStart next = StepStart::kDone;
};

class RecordingHost : public FlowHost {
 public:
  void event_begins() override {}
  expr::Scope scope_of(const VirtualUser& user, core::Rng& rng) const override {
    return {.user = &user.variables, .rng = &rng};
  }
  void log_line(std::string_view text) override { lines.emplace_back(text); }
  void user_ended(VirtualUser&, UserEnd how, std::string_view why) override {
    ended = how;
    reason = why;
  }
  bool phases_over() const override { return over; }

  std::vector<std::string> lines;
  std::optional<UserEnd> ended;
  std::string reason;
  bool over = false;
};

class FlowRunnerTest : public testing::Test {
 protected:
  FlowRunnerTest() {
    script_.symbols = std::make_shared<core::SymbolTable>();
    script_.scenarios.resize(1);
    loop_ = std::move(*net::Loop::make());
  }

  expr::Template text(std::string_view source) {
    return *expr::Template::compile(source, *script_.symbols);
  }
  Step get(std::string_view url) {
    script::HttpStep step;
    step.method = "GET";
    step.url = text(url);
    return {std::move(step)};
  }
  Step log(std::string_view line) { return {script::LogStep{.text = text(line)}}; }
  Step think(core::Duration pause) { return {script::ThinkStep{.constant = pause}}; }
  Step loop(std::vector<Step> steps, std::optional<std::string> count) {
    script::LoopStep step;
    step.steps = std::move(steps);
    if (count) step.count = text(*count);
    step.index = script_.symbols->intern("$loopCount");
    step.element = script_.symbols->intern("$loopElement");
    return {std::move(step)};
  }

  Step parallel(std::vector<Step> steps, std::int64_t limit = 100) {
    return {script::ParallelStep{.steps = std::move(steps), .limit = limit}};
  }
  Step when(std::string_view condition, Step step) {
    step.if_true = *expr::UserCondition::compile(condition, *script_.symbols);
    return step;
  }
  static Step likely(expr::ValueTemplate percent, Step step) {
    step.probability = std::move(percent);
    return step;
  }
  // Answers the request that was sent as number `i`.
  void answer(std::size_t i) { runner_->step_done(*engine_.waiting.at(i)); }

  // Runs until the user ends or waits for the engine.
  void run(std::vector<Step> flow) {
    script_.scenarios[0].flow = std::move(flow);
    program_ = std::move(*compile(script_));
    runner_ = std::make_unique<FlowRunner>(*loop_, engine_, host_, script_, 1);
    user_ = std::make_unique<VirtualUser>(*runner_, &FlowRunner::on_timer);
    user_->program = &program_.scenarios[0];
    runner_->resume(*user_);
    for (int pass = 0; pass < 100 && !host_.ended && user_->timer.is_armed(); ++pass) {
      loop_->run_once(loop_->refresh() + 10ms);
    }
  }

  script::Script script_;
  std::unique_ptr<net::Loop> loop_;
  RecordingEngine engine_;
  RecordingHost host_;
  Program program_;
  std::unique_ptr<FlowRunner> runner_;
  std::unique_ptr<VirtualUser> user_;
};

TEST_F(FlowRunnerTest, StepsRunInOrderToTheEnd) {
  run({get("/a"), log("said"), get("/b")});
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/a", "/b"}));
  EXPECT_EQ(host_.lines, (std::vector<std::string>{"said"}));
  EXPECT_EQ(host_.ended, UserEnd::kCompleted);
}

TEST_F(FlowRunnerTest, LoopsCountNestAndRange) {
  run({loop({get("/{{ $loopCount }}")}, "3"), loop({get("/r{{ $loopCount }}")}, "2-5")});
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/0", "/1", "/2", "/r2", "/r3", "/r4"}));
}

TEST_F(FlowRunnerTest, LoopOverAListSetsTheElement) {
  Step over = loop({get("/{{ $loopElement }}")}, std::nullopt);
  std::get<script::LoopStep>(over.what).over_list =
      expr::ValueTemplate(core::Value(core::Value::List{core::Value("red"), core::Value("blue")}));
  run({over});
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/red", "/blue"}));
}

TEST_F(FlowRunnerTest, LoopOverAnythingButAListRunsNever) {
  Step over = loop({get("/x")}, std::nullopt);
  std::get<script::LoopStep>(over.what).over_variable = text("{{ missing }}");
  run({over, get("/after")});
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/after"}));
}

TEST_F(FlowRunnerTest, EndlessLoopEndsWhenThePhasesAreOver) {
  host_.over = true;
  run({loop({get("/once")}, std::nullopt), get("/after")});
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/once", "/after"}));
  EXPECT_EQ(host_.ended, UserEnd::kCompleted);
}

TEST_F(FlowRunnerTest, FlowThatNeverWaitsGivesWayToOthers) {
  run({loop({log("again")}, std::nullopt)});
  EXPECT_FALSE(host_.ended);
  EXPECT_TRUE(user_->timer.is_armed());  // its next turn
}

TEST_F(FlowRunnerTest, ThinkWaitsForItsTime) {
  run({think(1ms), get("/later")});
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/later"}));
}

TEST_F(FlowRunnerTest, FailedStepEndsTheUserWithItsReason) {
  engine_.next = StepStart::kFailed;
  run({get("/bad"), get("/never")});
  EXPECT_EQ(engine_.urls.size(), 1U);
  EXPECT_EQ(host_.ended, UserEnd::kFailed);
  EXPECT_EQ(host_.reason, "why");
}

TEST_F(FlowRunnerTest, ConditionsLeaveStepsOut) {
  run({when("1 == 2", get("/no")), when("1 == 1", get("/yes")),
       when("0", loop({get("/never")}, "3")),
       loop({when("$loopCount == 1", get("/{{ $loopCount }}"))}, "3"), get("/end")});
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/yes", "/1", "/end"}));
}

TEST_F(FlowRunnerTest, ProbabilityLeavesStepsOut) {
  run({likely(core::Value(0), get("/never")), likely(core::Value(100), get("/always")),
       likely(core::Value("no number"), get("/no")), likely(core::Value(0), log("silent")),
       likely(core::Value(0), loop({get("/none")}, "3")),
       likely(core::Value(0), parallel({get("/none")})), get("/end")});
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/always", "/end"}));
  EXPECT_TRUE(host_.lines.empty());
}

TEST_F(FlowRunnerTest, ProbabilityIsDrawnAtEachVisitAndTheSameForTheSameSeed) {
  const auto walk = [&] {
    engine_.urls.clear();
    host_.ended.reset();
    run({loop({likely(core::Value(30), get("/{{ $loopCount }}")),
               likely(expr::ValueTemplate(text("{{ $loopCount }}")), get("/rising"))},
              "1000")});
    return engine_.urls;
  };
  const std::vector<std::string> first = walk();
  const auto rising = std::ranges::count(first, "/rising");
  const auto even = static_cast<std::ptrdiff_t>(first.size()) - rising;
  EXPECT_GT(even, 250);  // 300, five standard deviations are 72
  EXPECT_LT(even, 372);
  EXPECT_GT(rising, 900);  // below 100 passes it rises to always
  EXPECT_LT(rising, 990);
  EXPECT_EQ(walk(), first);
}

TEST_F(FlowRunnerTest, WhileTrueIsAskedAfterEachPassAndWinsOverCount) {
  Step asked = loop({get("/{{ $loopCount }}")}, "9");
  std::get<script::LoopStep>(asked.what).while_true =
      *expr::UserCondition::compile("$loopCount < 3", *script_.symbols);
  Step once = loop({get("/once")}, std::nullopt);
  std::get<script::LoopStep>(once.what).while_true =
      *expr::UserCondition::compile("false", *script_.symbols);
  run({asked, once, get("/after/{{ $loopCount }}")});
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/0", "/1", "/2", "/once", "/after/0"}));
}

TEST_F(FlowRunnerTest, WhileTrueOverAListGoesOnBehindItsEnd) {
  Step over = loop({get("/{{ $loopElement }}")}, std::nullopt);
  auto& step = std::get<script::LoopStep>(over.what);
  step.over_list = expr::ValueTemplate(core::Value(core::Value::List{core::Value("a")}));
  step.while_true = *expr::UserCondition::compile("$loopCount < 2", *script_.symbols);
  run({over});
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/a", "/undefined"}));
}

TEST_F(FlowRunnerTest, BranchesRunAtTheSameTimeAndAreJoined) {
  engine_.next = StepStart::kWaiting;
  run({parallel({get("/a"), get("/b"), get("/c")}), get("/after")});
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/a", "/b", "/c"}));
  answer(1);
  answer(2);
  EXPECT_EQ(engine_.urls.size(), 3U);
  answer(0);
  EXPECT_EQ(engine_.urls.back(), "/after");
  EXPECT_EQ(engine_.waiting.back(), user_.get());
  answer(3);
  EXPECT_EQ(host_.ended, UserEnd::kCompleted);
}

TEST_F(FlowRunnerTest, LimitBoundsTheBranchesUnderWay) {
  engine_.next = StepStart::kWaiting;
  run({parallel({get("/a"), get("/b"), get("/c"), log("said")}, 2)});
  EXPECT_EQ(engine_.urls.size(), 2U);
  answer(0);
  EXPECT_EQ(engine_.urls.size(), 3U);
  answer(2);
  EXPECT_EQ(host_.lines.size(), 1U);
  EXPECT_FALSE(host_.ended);
  answer(1);
  EXPECT_EQ(host_.ended, UserEnd::kCompleted);
  EXPECT_EQ(user_->branches.size(), 2U);  // used again
}

TEST_F(FlowRunnerTest, BranchesThatNeverWaitAreJoinedAtOnce) {
  run({parallel({log("a"), parallel({log("b"), log("c")}), loop({log("d")}, "2")}, 1), log("e")});
  EXPECT_EQ(host_.lines, (std::vector<std::string>{"a", "b", "c", "d", "d", "e"}));
  EXPECT_EQ(host_.ended, UserEnd::kCompleted);
}

TEST_F(FlowRunnerTest, BranchesNestAndShareVariables) {
  engine_.next = StepStart::kWaiting;
  run({loop({parallel({get("/x{{ $loopCount }}"), parallel({get("/y"), think(1ms)})})}, "2")});
  ASSERT_EQ(engine_.urls.size(), 2U);
  answer(1);
  answer(0);
  for (int pass = 0; pass < 50 && engine_.urls.size() < 4; ++pass)
    loop_->run_once(loop_->refresh() + 10ms);
  EXPECT_EQ(engine_.urls, (std::vector<std::string>{"/x0", "/y", "/x1", "/y"}));
}

TEST_F(FlowRunnerTest, FirstFailureOfABranchEndsTheUser) {
  engine_.next = StepStart::kWaiting;
  run({parallel({get("/a"), get("/b")}), get("/never")});
  runner_->step_failed(*engine_.waiting[1], "why");
  EXPECT_EQ(host_.ended, UserEnd::kFailed);
  EXPECT_EQ(host_.reason, "why");
}

TEST_F(FlowRunnerTest, RandomValuesOfBranchesDependOnThePassAround) {
  run({loop({parallel({get("/{{ $randomNumber(1, 1000000000) }}"),
                       get("/{{ $randomNumber(1, 1000000000) }}")})},
            "2")});
  const std::set<std::string> different(engine_.urls.begin(), engine_.urls.end());
  EXPECT_EQ(different.size(), 4U);
}

TEST_F(FlowRunnerTest, NoStepStartsAfterAStop) {
  engine_.next = StepStart::kWaiting;
  run({get("/first"), get("/second")});
  runner_->stop();
  runner_->step_done(*user_);
  EXPECT_EQ(engine_.urls.size(), 1U);
  EXPECT_EQ(host_.ended, UserEnd::kUnfinished);
}

TEST_F(FlowRunnerTest, RandomValuesDependOnUserStepAndPass) {
  run({loop({get("/{{ $randomNumber(1, 1000000000) }}")}, "2"),
       get("/{{ $randomNumber(1, 1000000000) }}")});
  const auto first = engine_.urls;
  ASSERT_EQ(first.size(), 3U);
  EXPECT_NE(first[0], first[1]);
  EXPECT_NE(first[0], first[2]);
  engine_.urls.clear();
  run({loop({get("/{{ $randomNumber(1, 1000000000) }}")}, "2"),
       get("/{{ $randomNumber(1, 1000000000) }}")});
  EXPECT_EQ(engine_.urls, first);
}

TEST(Compile, WeightsFillTheTableInProportion) {
  script::Script script;
  script.symbols = std::make_shared<core::SymbolTable>();
  script.scenarios.resize(3);
  script.scenarios[0].weight = 600'000;
  script.scenarios[1].weight = 0;
  script.scenarios[2].weight = 200'000;
  const auto program = compile(script);
  ASSERT_TRUE(program);
  EXPECT_EQ(program->scenario_table, (std::vector<std::uint32_t>{0, 0, 0, 2}));
}

}  // namespace
}  // namespace slsart::engine
