#include "lambda/runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "tests/integration/tiny_server.h"

namespace slsart::lambda {
namespace {

using test::TinyServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string event(const std::string& id, const std::string& body) {
  return "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: " + id +
         "\r\nLambda-Runtime-Deadline-Ms: 1700000000123\r\nLambda-Runtime-Trace-Id: Root=1\r\n"
         "Lambda-Runtime-Invoked-Function-Arn: arn:f\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}
constexpr const char* kTaken = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
constexpr const char* kTooLarge = "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n";
constexpr const char* kGone = "HTTP/1.1 500 Gone\r\nContent-Length: 0\r\n\r\n";

// Answers requests in turn.
class Service {
 public:
  explicit Service(std::deque<std::string> answers)
      : answers_(std::move(answers)), server_([this](const std::string&) {
          TinyServer::Answer answer{.bytes = answers_.empty() ? kGone : answers_.front()};
          if (!answers_.empty()) answers_.pop_front();
          return answer;
        }) {}
  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }
  // The request lines.
  std::vector<std::string> requests() const {
    std::vector<std::string> lines;
    for (const std::string& head : server_.heads())
      lines.push_back(head.substr(0, head.find(" HTTP")));
    return lines;
  }
  std::vector<std::string> heads() const { return server_.heads(); }

 private:
  std::deque<std::string> answers_;
  TinyServer server_;
};

constexpr const char* kNext = "GET /2018-06-01/runtime/invocation/next";

struct Loop {
  explicit Loop(Service& service, Handler handler) {
    auto runtime = Runtime::make(service.address());
    reason = run_loop(**runtime, std::move(handler),
                      [this](std::string_view line) { log.emplace_back(line); });
  }
  core::Error reason;
  std::vector<std::string> log;
};

TEST(Runtime, TakesEventsOneAfterTheOther) {
  Service service({event("a", "1"), kTaken, event("b", "22"), kTaken});
  std::vector<std::string> seen;
  const Loop loop(service, [&](const Invocation& invocation) -> core::Result<std::string> {
    seen.push_back(invocation.request_id + " " + invocation.event + " " + invocation.trace_id +
                   " " + invocation.function_arn);
    EXPECT_EQ(invocation.deadline.time_since_epoch(), std::chrono::milliseconds(1'700'000'000'123));
    EXPECT_STREQ(std::getenv("_X_AMZN_TRACE_ID"), "Root=1");
    return std::string("{}");
  });
  EXPECT_THAT(seen, ElementsAre("a 1 Root=1 arn:f", "b 22 Root=1 arn:f"));
  EXPECT_THAT(service.requests(),
              ElementsAre(kNext, "POST /2018-06-01/runtime/invocation/a/response", kNext,
                          "POST /2018-06-01/runtime/invocation/b/response", kNext));
  EXPECT_EQ(loop.reason.code, core::ErrorCode::kIo);
  EXPECT_THAT(loop.log, ElementsAre());
}

TEST(Runtime, FailuresAreReportedAsFailures) {
  Service service({event("a", "1"), kTaken, event("b", "2"), kTaken});
  int calls = 0;
  const Loop loop(service, [&](const Invocation&) -> core::Result<std::string> {
    if (++calls == 2) throw std::bad_alloc();
    return core::Error{core::ErrorCode::kNotFound, "no script", "pack it"};
  });
  const auto heads = service.heads();
  ASSERT_EQ(heads.size(), 5u);
  EXPECT_THAT(heads[1], StartsWith("POST /2018-06-01/runtime/invocation/a/error HTTP/1.1"));
  EXPECT_THAT(heads[1], HasSubstr("lambda-runtime-function-error-type: Slsart.NotFound"));
  EXPECT_THAT(heads[3], HasSubstr("/invocation/b/error"));
  EXPECT_THAT(loop.log, ElementsAre("no script", HasSubstr("bad_alloc")));
  EXPECT_EQ(
      error_body({core::ErrorCode::kNotFound, "no script", "pack it"}),
      R"json({"errorMessage":"no script (pack it)","errorType":"Slsart.NotFound","stackTrace":[]})json");
}

TEST(Runtime, AnAnswerThatIsTooLargeDoesNotEndIt) {
  Service service({event("a", "1"), kTooLarge, event("b", "2"), kTaken});
  const Loop loop(service,
                  [](const Invocation&) -> core::Result<std::string> { return std::string("{}"); });
  EXPECT_EQ(service.requests().size(), 5u);
  EXPECT_THAT(loop.log, ElementsAre(HasSubstr("413")));
}

TEST(Runtime, AnAnswerThatIsNotTakenEndsIt) {
  Service service({event("a", "1"), kGone, event("b", "2"), kTaken});
  const Loop loop(service,
                  [](const Invocation&) -> core::Result<std::string> { return std::string("{}"); });
  EXPECT_EQ(service.requests().size(), 2u);
}

TEST(Runtime, EventsWithoutIdOrDeadlineAreNone) {
  for (const char* head :
       {"Lambda-Runtime-Aws-Request-Id: a\r\n", "Lambda-Runtime-Deadline-Ms: 17\r\n",
        "Lambda-Runtime-Aws-Request-Id: a\r\nLambda-Runtime-Deadline-Ms: 99999999999999999\r\n",
        "Lambda-Runtime-Aws-Request-Id: a\r\nLambda-Runtime-Deadline-Ms: soon\r\n"}) {
    Service service({std::string("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n") + head + "\r\n1"});
    auto runtime = Runtime::make(service.address());
    EXPECT_FALSE((*runtime)->next()) << head;
  }
}

TEST(Runtime, AStartThatFailedIsTold) {
  Service service({kTaken});
  auto runtime = Runtime::make(service.address());
  EXPECT_TRUE((*runtime)->fail_start({core::ErrorCode::kInvalidInput, "no store"}));
  EXPECT_THAT(service.requests(), ElementsAre("POST /2018-06-01/runtime/init/error"));
}

}  // namespace
}  // namespace slsart::lambda
