// Several rooms together, in process, against a server of the test's own on loopback.

#include "run/run.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <set>
#include <thread>

#include "core/text.h"
#include "script/load.h"
#include "tests/integration/tiny_server.h"

namespace slsart {
namespace {

using test::TinyServer;
using namespace std::chrono_literals;

script::Script load(const std::string& text, const std::string& target) {
  script::LoadOptions options;
  options.sources = {std::make_shared<core::Source>(core::Source{"test.yml", text})};
  options.target = target;
  script::Loaded loaded = script::load(options);
  for (const auto& diagnostic : loaded.diagnostics) ADD_FAILURE() << core::to_text(diagnostic);
  return std::move(*loaded.script);
}

metrics::RunDocument run_it(const script::Script& script,
                            run::RunOptions options = {.workers = 1, .seed = 7},
                            const run::StopSource& stop = {}, const run::RunEvents& events = {}) {
  auto document = run::execute(script, options, events, stop);
  EXPECT_TRUE(document) << document.error().message;
  return document ? std::move(*document) : metrics::RunDocument{};
}

// Value of a header in a request's head; names are in lower case.
std::string header(const std::string& head, const std::string& name) {
  const std::size_t begin = head.find("\r\n" + name + ": ");
  if (begin == std::string::npos) return {};
  const std::size_t value = begin + name.size() + 4;
  return head.substr(value, head.find("\r\n", value) - value);
}

void expect_balanced(const metrics::Snapshot& total) {
  EXPECT_EQ(total.counter("vusers.created"), total.counter("vusers.completed") +
                                                 total.counter("vusers.failed") +
                                                 total.counter("slsart.users_unfinished"));
}

TEST(Run, EveryPlannedUserCompletes) {
  TinyServer server;
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalRate: 50}]}
scenarios: [{name: walk, flow: [{get: {url: /a}}, {get: {url: /b}}]}])",
                           server.url());
  const auto document = run_it(script);
  EXPECT_EQ(document.arrivals_planned, 50U);
  EXPECT_EQ(document.total.counter("vusers.created"), 50U);
  EXPECT_EQ(document.total.counter("vusers.created_by_name.walk"), 50U);
  EXPECT_EQ(document.total.counter("vusers.completed"), 50U);
  EXPECT_EQ(document.total.counter("http.requests"), 100U);
  EXPECT_EQ(document.total.counter("http.codes.200"), 100U);
  EXPECT_EQ(document.total.counter("http.downloaded_bytes"), 200U);
  EXPECT_EQ(document.total.histogram("http.response_time")->count(), 100U);
  EXPECT_EQ(server.connections(), 50U);  // one connection a user
  expect_balanced(document.total);
}

TEST(Run, SameSeedGivesTheSameUsersForAnyNumberOfWorkers) {
  const std::string text = R"(
config:
  phases: [{duration: 1, arrivalRate: 40}, {duration: 1, arrivalCount: 11}]
  variables: {pick: [a, b, c, d]}
scenarios:
  - flow: [{get: {url: /one, headers: {x: "{{ $arrivalIndex }} {{ $arrivalDue }} {{ pick }} {{ $randomNumber(1, 1000000) }} {{ $uuid }}"}}}]
  - weight: 2
    flow: [{get: {url: /two, headers: {x: "{{ $arrivalIndex }} {{ $randomString(8) }}"}}}])";
  std::vector<std::multiset<std::string>> seen;
  for (const std::uint32_t workers : {1U, 2U, 5U}) {
    TinyServer server;
    run_it(load(text, server.url()), {.workers = workers, .seed = 99});
    std::multiset<std::string> users;
    for (const std::string& head : server.heads())
      users.insert(head.substr(0, 8) + header(head, "x"));
    EXPECT_EQ(users.size(), 51U);
    seen.push_back(users);
  }
  EXPECT_EQ(seen[0], seen[1]);
  EXPECT_EQ(seen[0], seen[2]);
}

TEST(Run, StopEndsThinkingUsersAndKeepsTheResult) {
  TinyServer server;
  const auto script = load(R"(
config: {phases: [{duration: 60, arrivalRate: 20}]}
scenarios: [{flow: [{get: {url: /}}, {think: 30}, {get: {url: /never}}]}])",
                           server.url());
  run::StopSource stop;
  std::thread stopper([&] {
    while (server.heads().size() < 5) std::this_thread::sleep_for(5ms);
    stop.request();
  });
  const auto document = run_it(script, {.workers = 2, .seed = 1}, stop);
  stopper.join();
  EXPECT_EQ(document.ending, metrics::Ending::kStopped);
  EXPECT_GE(document.total.counter("slsart.users_unfinished"), 4U);
  EXPECT_LT(document.elapsed, 20s);  // not the 30 s of thinking, let alone the 60 s of the phase
  for (const std::string& head : server.heads()) EXPECT_FALSE(head.starts_with("GET /never"));
  expect_balanced(document.total);
}

TEST(Run, StopGivesExchangesInFlightTheirGraceOnly) {
  TinyServer server([](const std::string&) { return TinyServer::Answer{.silent = true}; });
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 3}], timeout: 60}
scenarios: [{flow: [{get: {url: /}}]}])",
                           server.url());
  run::StopSource stop;
  std::thread stopper([&] {
    while (server.heads().size() < 3) std::this_thread::sleep_for(5ms);
    stop.request();
  });
  const auto document = run_it(script, {.workers = 1, .seed = 1}, stop);
  stopper.join();
  EXPECT_EQ(document.total.counter("slsart.users_unfinished"), 3U);
  EXPECT_LT(document.elapsed, 30s);
  expect_balanced(document.total);
}

TEST(Run, StopSendsNothingThatWasStillWaiting) {
  TinyServer server([](const std::string&) { return TinyServer::Answer{.silent = true}; });
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 20}], timeout: 60, http: {pool: 1}}
scenarios: [{flow: [{get: {url: /}}]}])",
                           server.url());
  run::StopSource stop;
  std::thread stopper([&] {
    while (server.heads().empty()) std::this_thread::sleep_for(5ms);
    std::this_thread::sleep_for(300ms);  // others have joined the line
    stop.request();
  });
  const auto document = run_it(script, {.workers = 1, .seed = 1}, stop);
  stopper.join();
  EXPECT_EQ(server.heads().size(), 1U);
  EXPECT_EQ(document.total.counter("slsart.users_unfinished"),
            document.total.counter("vusers.created"));
  expect_balanced(document.total);
}

TEST(Run, StopDoesNotWaitForAnAfterThatHangs) {
  TinyServer server([](const std::string& head) {
    return TinyServer::Answer{.silent = head.starts_with("GET /bye")};
  });
  const auto script = load(R"(
config: {phases: [{duration: 60, arrivalRate: 20}], timeout: 60}
after: {flow: [{get: {url: /bye}}, {think: 60}]}
scenarios: [{flow: [{get: {url: /}}]}])",
                           server.url());
  run::StopSource stop;
  std::thread stopper([&] {
    while (server.heads().size() < 3) std::this_thread::sleep_for(5ms);
    stop.request();
  });
  const auto begin = std::chrono::steady_clock::now();
  const auto document = run_it(script, {.workers = 1, .seed = 1}, stop);
  stopper.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);  // not the 60 of `after`
  EXPECT_EQ(document.ending, metrics::Ending::kStopped);
  ASSERT_EQ(document.notes.size(), 1U);
  EXPECT_NE(document.notes[0].find("after"), std::string::npos);
}

TEST(Run, ReportsNameTheTargetWithoutItsPassword) {
  TinyServer server;
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 1}]}
scenarios: [{flow: [{get: {url: /}}]}])",
                           "http://ann:secret@127.0.0.1:" + std::to_string(server.port()));
  const auto document = run_it(script);
  EXPECT_EQ(document.target, "http://***@127.0.0.1:" + std::to_string(server.port()));
  EXPECT_NE(server.heads().at(0).find("authorization: Basic YW5uOnNlY3JldA=="), std::string::npos);
}

TEST(Run, MaxVusersSkipsAcrossWorkers) {
  TinyServer server([](const std::string&) { return TinyServer::Answer{.silent = true}; });
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalRate: 20, maxVusers: 3}], timeout: 2}
scenarios: [{flow: [{get: {url: /}}]}])",
                           server.url());
  const auto document = run_it(script, {.workers = 2, .seed = 1});
  EXPECT_EQ(document.total.counter("vusers.created"), 3U);
  EXPECT_EQ(document.total.counter("vusers.skipped"), 17U);
  EXPECT_EQ(document.total.counter("errors.ETIMEDOUT"), 3U);
  expect_balanced(document.total);
}

TEST(Run, ParallelRequestsShareAUsersOneConnectionUnlessItMayHaveMore) {
  for (const auto& [http, connections] :
       {std::pair{"", 2U}, {"http: {maxSockets: 3}, ", 6U}, {"http: {maxSockets: 2}, ", 4U}}) {
    TinyServer server;
    const auto script =
        load(std::string("config: {") + http + R"(phases: [{duration: 1, arrivalCount: 2}]}
scenarios: [{flow: [{parallel: [{get: {url: /a}}, {get: {url: /b}}, {get: {url: /c}}]}, {get: {url: /d}}]}])",
             server.url());
    const auto document = run_it(script);
    EXPECT_EQ(document.total.counter("vusers.completed"), 2U);
    EXPECT_EQ(document.total.counter("http.codes.200"), 8U);
    EXPECT_EQ(server.connections(), connections) << http;
    expect_balanced(document.total);
  }
}

TEST(Run, BranchesShareCapturesAndTheFirstFailureEndsTheUser) {
  TinyServer server([](const std::string& head) {
    if (head.starts_with("GET /hang")) return TinyServer::Answer{.silent = true};
    return TinyServer::Answer{"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"t\":\"abc\"}"};
  });
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 2}], http: {maxSockets: 2}}
scenarios:
  - flow:
      - parallel: [{get: {url: /x, capture: {json: $.t, as: token}}}, {get: {url: /y}}]
      - get: {url: "/use/{{ token }}"}
      - parallel: [{get: {url: /hang}}, {get: {url: /z, match: {json: $.t, value: wrong}}}])",
                           server.url());
  const auto document = run_it(script);
  EXPECT_EQ(document.total.counter("http.codes.200"), 8U);
  EXPECT_EQ(document.total.counter("errors.Failed capture or match"), 2U);
  EXPECT_EQ(document.total.counter("vusers.failed"), 2U);
  for (const std::string& head : server.heads()) EXPECT_FALSE(head.starts_with("GET /use/undef"));
  expect_balanced(document.total);
}

TEST(Run, StopEndsBranchesThatWaitAndLetsTheOthersFinish) {
  TinyServer server([](const std::string& head) {
    return TinyServer::Answer{.silent = head.starts_with("GET /hang")};
  });
  // One connection a user: /never waits behind /hang, the third branch thinks.
  const auto script = load(R"(
config: {phases: [{duration: 60, arrivalRate: 5}], timeout: 60}
scenarios: [{flow: [{parallel: [{get: {url: /hang}}, {get: {url: /never}}, {think: 60}]}, {get: {url: /never}}]}])",
                           server.url());
  run::StopSource stop;
  std::thread stopper([&] {
    while (server.heads().size() < 3) std::this_thread::sleep_for(5ms);
    stop.request();
  });
  const auto document = run_it(script, {.workers = 1, .seed = 1}, stop);
  stopper.join();
  for (const std::string& head : server.heads()) EXPECT_FALSE(head.starts_with("GET /never"));
  EXPECT_EQ(document.total.counter("slsart.users_unfinished"),
            document.total.counter("vusers.created"));
  expect_balanced(document.total);
}

TEST(Run, TimeoutOfABranchIsCountedOnce) {
  TinyServer server([](const std::string&) { return TinyServer::Answer{.silent = true}; });
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 1}], http: {timeout: 0.2s, maxSockets: 2}}
scenarios: [{flow: [{parallel: [{get: {url: /a}}, {get: {url: /b}}]}]}])",
                           server.url());
  const auto document = run_it(script);
  EXPECT_EQ(document.total.counter("errors.ETIMEDOUT"), 1U);
  EXPECT_EQ(document.total.counter("vusers.failed"), 1U);
  expect_balanced(document.total);
}

TEST(Run, ContinueOnErrorGoesOnWithTheNextStep) {
  TinyServer server([](const std::string& head) {
    return TinyServer::Answer{.silent = head.starts_with("GET /hang")};
  });
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 2}], http: {timeout: 200ms}}
scenarios:
  - continueOnError: true
    flow:
      - get: {url: /match, match: {json: $.a, value: 1}, capture: {regexp: ., as: kept}}
      - get: {url: /hang}
      - get: {url: "{{ kept }}"}
      - get: {url: "/after/{{ kept }}"}
      - get: {url: /last, continueOnError: false, match: {json: $.a, value: 1}}
      - get: {url: /never})",
                           server.url());
  const auto document = run_it(script);
  EXPECT_EQ(document.total.counter("errors.Failed capture or match"), 4U);
  EXPECT_EQ(document.total.counter("errors.ETIMEDOUT"), 2U);
  EXPECT_EQ(document.total.counter("errors.Invalid URL - undefined"), 2U);
  EXPECT_EQ(document.total.counter("vusers.failed"), 2U);
  std::multiset<std::string> paths;
  for (const std::string& head : server.heads())
    paths.insert(head.substr(4, head.find(" HTTP") - 4));
  EXPECT_EQ(paths,
            (std::multiset<std::string>{"/match", "/match", "/hang", "/hang", "/after/undefined",
                                        "/after/undefined", "/last", "/last"}));
  expect_balanced(document.total);
}

TEST(Run, ListAsHeaderValueSendsALineForEach) {
  TinyServer server;
  const auto script = load(R"(
config:
  phases: [{duration: 1, arrivalCount: 1}]
  defaults: {headers: {x-many: [d1, d2], x-kept: [k1, k2]}}
  variables: {v: two}
scenarios: [{flow: [{get: {url: /, headers: {X-Many: [one, "{{ v }}", three]}}}, {get: {url: /, headers: {x-many: alone}}}]}])",
                           server.url());
  run_it(script);
  const auto heads = server.heads();
  ASSERT_EQ(heads.size(), 2U);
  EXPECT_NE(heads[0].find("x-many: one\r\n"), std::string::npos);
  EXPECT_NE(heads[0].find("x-many: two\r\n"), std::string::npos);
  EXPECT_NE(heads[0].find("x-many: three\r\n"), std::string::npos);
  EXPECT_NE(heads[0].find("x-kept: k1\r\nx-kept: k2\r\n"), std::string::npos);
  EXPECT_EQ(heads[0].find("x-many: d"), std::string::npos);
  EXPECT_NE(heads[1].find("x-many: alone\r\n"), std::string::npos);
  EXPECT_EQ(heads[1].find("x-many: d"), std::string::npos);
}

// A CSV file of the rows r0, r1 ... beside the test.
class Rows {
 public:
  explicit Rows(int count) : path_("rows-" + std::to_string(count) + ".csv") {
    std::string text;
    for (int i = 0; i < count; ++i) text += "r" + std::to_string(i) + "\n";
    EXPECT_TRUE(core::write_file(path_, text));
  }
  ~Rows() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Run, RowsUsedOnceEndOrSkipTheArrivals) {
  const Rows rows(7);
  for (const std::string at_end : {"stop", "skip", "repeat"}) {
    TinyServer server;
    const auto script =
        load("config: {phases: [{duration: 1, arrivalRate: 20}], payload: {path: " + rows.path() +
                 ", fields: [row], order: sequence, atEnd: " + at_end +
                 R"(}}
scenarios: [{flow: [{get: {url: "/{{ row }}"}}]}])",
             server.url());
    const auto document = run_it(script, {.workers = 3, .seed = 1});
    const bool repeats = at_end == "repeat";
    EXPECT_EQ(document.total.counter("vusers.created"), repeats ? 20U : 7U) << at_end;
    EXPECT_EQ(document.total.counter("vusers.skipped"), at_end == "skip" ? 13U : 0U) << at_end;
    EXPECT_EQ(document.arrivals_planned, at_end == "stop" ? 7U : 20U) << at_end;
    std::set<std::string> paths;
    for (const std::string& head : server.heads())
      paths.insert(head.substr(4, head.find(" HTTP") - 4));
    EXPECT_EQ(paths, (std::set<std::string>{"/r0", "/r1", "/r2", "/r3", "/r4", "/r5", "/r6"}));
    expect_balanced(document.total);
  }
}

TEST(Run, TraceparentTellsRequestsApart) {
  TinyServer server;
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 2}], http: {distributedTracing: {traceIdPrefix: BEEF, sampled: false}}}
scenarios: [{flow: [{get: {url: /}}, {get: {url: /}}]}])",
                           server.url());
  run_it(script);
  std::set<std::string> traces;
  for (const std::string& head : server.heads()) {
    const std::string trace = header(head, "traceparent");
    EXPECT_EQ(trace.size(), 55U) << trace;
    EXPECT_TRUE(trace.starts_with("00-beef") && trace.ends_with("-00")) << trace;
    traces.insert(trace);
  }
  EXPECT_EQ(traces.size(), 4U);
}

TEST(Run, RequestRateIsKeptByAsManyUsersAsAreNeeded) {
  TinyServer server;
  const auto script = load(R"(
config: {phases: [{duration: 2, requestRate: 60}, {duration: 1, arrivalRate: 5}]}
scenarios: [{flow: [{get: {url: /a}}, {get: {url: /b}}, {get: {url: /c}}]}])",
                           server.url());
  const auto document = run_it(script, {.workers = 2, .seed = 1});
  const auto paced = static_cast<std::uint64_t>(120) -
                     document.total.counter("slsart.requests_missed") -
                     document.total.counter("slsart.arrivals_missed");
  EXPECT_EQ(document.total.counter("http.requests"), paced + 15U);
  EXPECT_GE(paced, 100U);
  EXPECT_EQ(document.arrivals_planned, 5U);
  EXPECT_LT(document.total.counter("vusers.created"), 60U);  // users send more than one request
  expect_balanced(document.total);
}

TEST(Run, RequestRateBeyondItsUsersIsCountedAsMissed) {
  TinyServer server([](const std::string&) { return TinyServer::Answer{.silent = true}; });
  const auto script = load(R"(
config: {phases: [{duration: 1, requestRate: 30, maxVusers: 4}], http: {timeout: 3}}
scenarios: [{flow: [{parallel: [{get: {url: /a}}, {get: {url: /b}}]}]}])",
                           server.url());
  const auto document = run_it(script);
  EXPECT_EQ(document.total.counter("vusers.created"), 4U);
  EXPECT_EQ(document.total.counter("http.requests") +
                document.total.counter("slsart.requests_missed") +
                document.total.counter("slsart.arrivals_missed"),
            30U);
  EXPECT_GE(document.total.counter("slsart.requests_missed"), 10U);
  expect_balanced(document.total);
}

TEST(Run, ConnectionPolicyIsTheScripts) {
  for (const auto& [policy, connections] :
       {std::pair{"user", 4U}, {"request", 12U}, {"shared", 1U}}) {
    TinyServer server;
    const auto script = load(std::string("config: {phases: [{duration: 1, arrivalCount: 4}], http: "
                                         "{connections: ") +
                                 policy + R"(}}
scenarios: [{flow: [{get: {url: /a}}, {get: {url: /b}}, {get: {url: /c}}]}])",
                             server.url());
    const auto document = run_it(script);
    EXPECT_EQ(document.total.counter("http.codes.200"), 12U);
    if (std::string(policy) == "shared") {
      EXPECT_LE(server.connections(), 2U);
    } else {
      EXPECT_EQ(server.connections(), connections) << policy;
    }
    EXPECT_EQ(header(server.heads().at(0), "connection"),
              std::string(policy) == "request" ? "close" : "");
    expect_balanced(document.total);
  }
}

TEST(Run, ConnectionsStartFromLocalAddressesInTurn) {
  TinyServer server;
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 6}], http: {localAddresses: [127.0.0.2, 127.0.0.3]}}
scenarios: [{flow: [{get: {url: /}}]}])",
                           server.url());
  const auto document = run_it(script);
  EXPECT_EQ(document.total.counter("http.codes.200"), 6U);
  EXPECT_EQ(server.peers(), (std::set<std::uint32_t>{0x7F000002, 0x7F000003}));

  const auto wrong = load(R"(
config: {phases: [{duration: 1, arrivalCount: 1}], http: {localAddresses: [203.0.113.9]}}
scenarios: [{flow: [{get: {url: /}}]}])",
                          server.url());
  const auto refused = run::execute(wrong, {.workers = 1}, {}, run::StopSource());
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("203.0.113.9"), std::string::npos);
}

TEST(Run, ExpressionsOfCapturesMayBeTemplates) {
  TinyServer server([](const std::string&) {
    return TinyServer::Answer{
        "HTTP/1.1 200 OK\r\ncontent-length: 28\r\n\r\n{\"list\": [\"a\", \"b\", \"cdef\"]}"};
  });
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 1}]}
scenarios:
  - flow:
      - loop: [{get: {url: "/{{ found }}", capture: {json: "$.list[{{ $loopCount }}]", as: found}}}]
        count: 3
      - get: {url: "/{{ found }}"})",
                           server.url());
  run_it(script);
  std::vector<std::string> paths;
  for (const std::string& head : server.heads())
    paths.push_back(head.substr(4, head.find(" HTTP") - 4));
  EXPECT_EQ(paths, (std::vector<std::string>{"/undefined", "/a", "/b", "/cdef"}));
}

TEST(Run, PoolIsSharedByAllUsers) {
  TinyServer server;
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalRate: 50}], http: {pool: 2}}
scenarios: [{flow: [{get: {url: /}}]}])",
                           server.url());
  const auto document = run_it(script, {.workers = 2, .seed = 1});
  EXPECT_EQ(document.total.counter("http.codes.200"), 50U);
  EXPECT_LE(server.connections(), 2U);
}

TEST(Run, BeforeGivesItsVariablesAndIsNotCounted) {
  TinyServer server([](const std::string& head) {
    if (!head.starts_with("GET /token")) return TinyServer::Answer{};
    return TinyServer::Answer{"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"t\":\"abc\"}"};
  });
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 2}]}
before: {flow: [{get: {url: /token, capture: {json: $.t, as: token}}}]}
after: {flow: [{get: {url: /bye}}]}
scenarios: [{flow: [{get: {url: "/use/{{ token }}"}}]}])",
                           server.url());
  const auto document = run_it(script);
  std::vector<std::string> paths;
  for (const std::string& head : server.heads())
    paths.push_back(head.substr(4, head.find(" HTTP") - 4));
  EXPECT_EQ(paths, (std::vector<std::string>{"/token", "/use/abc", "/use/abc", "/bye"}));
  EXPECT_EQ(document.total.counter("http.requests"), 2U);
}

TEST(Run, RedirectsStayWithHttp) {
  TinyServer server([](const std::string& head) {
    const bool first = head.starts_with("GET /away");
    const std::string where = first ? "file:///etc/passwd" : "/landing";
    if (head.starts_with("GET /landing")) return TinyServer::Answer{};
    return TinyServer::Answer{"HTTP/1.1 " + std::string(first ? "302 Found" : "300 Choices") +
                              "\r\nlocation: " + where + "\r\ncontent-length: 0\r\n\r\n"};
  });
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 1}]}
scenarios: [{flow: [{get: {url: /choices}}, {get: {url: /away}}]}])",
                           server.url());
  const auto document = run_it(script);
  EXPECT_EQ(document.total.counter("http.codes.300"), 1U);
  EXPECT_EQ(document.total.counter("http.codes.200"), 1U);  // the landing
  EXPECT_EQ(document.total.counter("errors.ERR_UNSUPPORTED_PROTOCOL"), 1U);
  EXPECT_EQ(document.total.counter("slsart.ended.ERR_UNSUPPORTED_PROTOCOL"), 1U);
}

TEST(Run, CookiesCannotWriteHeadersAndBadOnesAreCounted) {
  TinyServer server([](const std::string&) {
    return TinyServer::Answer{"HTTP/1.1 200 OK\r\nset-cookie: =;\r\ncontent-length: 0\r\n\r\n"};
  });
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 1}], variables: {evil: "1\r\nx-evil: yes"}}
scenarios: [{flow: [{get: {url: /}}, {get: {url: /, cookie: {a: "{{ evil }}"}}}]}])",
                           server.url());
  const auto document = run_it(script);
  EXPECT_EQ(server.heads().size(), 1U);
  EXPECT_EQ(document.total.counter("errors.cookie_parse_error_invalid_cookie"), 1U);
  EXPECT_EQ(document.total.counter("errors.ERR_INVALID_CHAR"), 1U);
}

TEST(Run, FailedBeforeStartsNobody) {
  TinyServer server([](const std::string&) {
    return TinyServer::Answer{.bytes = "nonsense\r\n\r\n", .close = true};
  });
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 2}]}
before: {flow: [{get: {url: /token}}]}
scenarios: [{flow: [{get: {url: /}}]}])",
                           server.url());
  const auto document = run::execute(script, {.workers = 1}, {}, run::StopSource());
  ASSERT_FALSE(document);
  EXPECT_NE(document.error().message.find("HPE_INVALID_CONSTANT"), std::string::npos);
  EXPECT_EQ(server.heads().size(), 1U);
}

run::StopSource broken_stop;

TEST(RunDeathTest, BrokenInvariantSavesWhatWasMeasured) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto break_off = [] {
    TinyServer server;
    const auto script = load(R"(
config: {phases: [{duration: 60, arrivalRate: 20}]}
scenarios: [{flow: [{get: {url: /}}]}])",
                             server.url());
    core::set_check_handler([](std::string_view) { broken_stop.save_before_abort(); });
    run::RunEvents events;
    events.on_broken = [](const metrics::RunDocument& document) {
      if (document.ending != metrics::Ending::kIncomplete) return;
      std::fprintf(stderr, "saved %s\n",
                   document.total.counter("http.codes.200") > 0 ? "some" : "nothing");
    };
    std::thread breaker([&] {
      while (server.heads().size() < 40) std::this_thread::sleep_for(5ms);
      SLSART_CHECK(false);
    });
    run_it(script, {.workers = 1, .seed = 1}, broken_stop, events);
    breaker.join();
  };
  EXPECT_DEATH(break_off(), "saved some");
}

TEST(Run, LogLinesAndPhasesReachTheCaller) {
  TinyServer server;
  const auto script = load(R"(
config: {phases: [{duration: 1, arrivalCount: 2, name: only}]}
scenarios: [{flow: [{log: "hello {{ $arrivalIndex }}"}, {get: {url: /}}]}])",
                           server.url());
  std::vector<std::string> told;
  run::RunEvents events;
  events.on_phase_started = [&](const metrics::PhaseInfo& phase) {
    told.push_back("start " + phase.name);
  };
  events.on_phase_completed = [&](const metrics::PhaseInfo& phase) {
    told.push_back("end " + phase.name);
  };
  events.on_log_line = [&](std::string_view line) { told.emplace_back(line); };
  run_it(script, {.workers = 1, .seed = 1}, {}, events);
  EXPECT_EQ(told, (std::vector<std::string>{"start only", "hello 0", "hello 1", "end only"}));
}

}  // namespace
}  // namespace slsart
