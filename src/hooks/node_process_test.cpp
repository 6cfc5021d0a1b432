#include "hooks/node_process.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "core/text.h"
#include "net/loop.h"

namespace slsart::hooks {
namespace {

constexpr core::Duration kPatience = std::chrono::seconds(60);

// What a NodeProcess has said.
struct Listener final : RuntimeListener {
  void on_frame(core::Value& frame) override { frames.push_back(core::to_json(frame)); }
  void on_lost(std::string_view reason) override { lost = reason; }
  std::vector<std::string> frames;
  std::string lost;
};

// A real Node with a processor of its own; skipped where there is none.
class NodeProcessTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!find_node()) GTEST_SKIP() << "there is no node";
    std::string name = "/tmp/slsart-node-XXXXXX";
    folder_ = mkdtemp(name.data());
    loop_ = std::move(*net::Loop::make());
  }
  void TearDown() override {
    process_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  core::Result<std::vector<std::string>> load(const std::string& source) {
    const std::string path = folder_ + "/p.js";
    EXPECT_TRUE(core::write_file(path, source));
    const std::string world =
        R"({"names":["n"],"shared":{},"points":[{"kind":"function","names":["f"]}],"steps":[],)"
        R"("scenarios":[{}],"slsart":{},"processor":")" +
        path + "\"}";
    process_ = std::move(*NodeProcess::start(*find_node(), world));
    return process_->await_ready(kPatience);
  }

  void write(std::string_view message) {
    process_->writer().open();
    process_->writer().json() += message;
    process_->writer().close();
  }

  template <typename F>
  bool run_until(F&& holds) {
    const core::TimePoint latest = loop_->refresh() + kPatience;
    while (!holds() && loop_->now() < latest) {
      process_->flush();
      loop_->run_once(loop_->now() + std::chrono::milliseconds(20));
    }
    return holds();
  }

  std::string folder_;
  std::unique_ptr<net::Loop> loop_;
  Listener listener_;
  std::unique_ptr<NodeProcess> process_;
};

TEST_F(NodeProcessTest, TellsTheFunctionsAndAnswersCalls) {
  const auto functions = load("exports.f = (c, e, done) => { c.vars.n += 1; done(); };");
  ASSERT_TRUE(functions) << functions.error().message;
  EXPECT_EQ(*functions, std::vector<std::string>{"f"});
  ASSERT_TRUE(process_->attach(*loop_, listener_));
  write("1,1,0,0");
  write("3,9,1,0,0,[0,41],0");
  ASSERT_TRUE(run_until([&] { return !listener_.frames.empty(); }));
  EXPECT_EQ(listener_.frames[0], R"({"r":[[9,0,[0,42]]]})");
}

TEST_F(NodeProcessTest, SaysWhereAProcessorIsWrong) {
  const auto functions = load("\n\nthrow new Error('nope');");
  ASSERT_FALSE(functions);
  EXPECT_EQ(functions.error().code, core::ErrorCode::kInvalidInput);
  EXPECT_EQ(process_->load_failure().line, 3);
  EXPECT_NE(process_->load_failure().message.find("nope"), std::string::npos);
}

TEST_F(NodeProcessTest, IsStartedAgainWhenItDies) {
  ASSERT_TRUE(load("exports.f = (c, e, done) => done();"));
  ASSERT_TRUE(process_->attach(*loop_, listener_));
  const pid_t first = process_->pid();
  kill(first, SIGKILL);
  ASSERT_TRUE(run_until([&] { return !listener_.lost.empty(); }));
  EXPECT_EQ(listener_.lost, "the processor's process was ended by signal 9");
  write("1,1,0,0");
  write("3,5,1,0,0,0,0");
  ASSERT_TRUE(run_until([&] { return !listener_.frames.empty(); }));
  EXPECT_NE(process_->pid(), first);
  EXPECT_EQ(listener_.frames[0], R"({"r":[5]})");
}

TEST_F(NodeProcessTest, EndsWithItsOwner) {
  ASSERT_TRUE(load("exports.f = () => {}; setInterval(() => {}, 1000);"));
  const pid_t pid = process_->pid();
  process_.reset();
  EXPECT_NE(kill(pid, 0), 0);
}

TEST_F(NodeProcessTest, IsGivenUpInTheMiddleOfALoop) {
  ASSERT_TRUE(load("exports.f = () => { for (;;); };"));
  ASSERT_TRUE(process_->attach(*loop_, listener_));
  write("1,1,0,0");
  write("3,5,1,0,0,0,0");
  process_->flush();
  process_->give_up("enough");
  EXPECT_EQ(listener_.lost, "enough");
}

}  // namespace
}  // namespace slsart::hooks
