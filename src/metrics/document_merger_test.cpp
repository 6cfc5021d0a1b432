#include "metrics/document_merger.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "metrics/collector.h"
#include "metrics/detail/random_document.h"

namespace slsart::metrics {
namespace {

using core::TimePoint;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr core::WallTime kWall{milliseconds(1795319525250)};

std::string stored(const RunDocument& document, const Part& part) {
  return encode_document(document, part).value();
}

RunDocument merged(const std::vector<std::string>& documents,
                   DocumentMerger::Runs runs = DocumentMerger::Runs::kOne) {
  DocumentMerger merger(runs);
  for (const std::string& bytes : documents) {
    const auto document = StoredDocument::open(bytes);
    EXPECT_TRUE(document);
    const auto added = merger.add(*document);
    EXPECT_TRUE(added) << added.error().message;
  }
  return merger.document();
}

// Parts of `workers` workers over `length` seconds.
std::vector<std::string> make_parts(Random& random, std::uint32_t workers, std::int64_t length) {
  std::vector<std::string> all;
  for (std::uint32_t worker = 0; worker < workers; ++worker) {
    const std::uint32_t parts = 1 + static_cast<std::uint32_t>(below(random, 4));
    for (std::uint32_t number = 0; number < parts; ++number) {
      RunDocument document = make_head(random);
      set_series(make_series(random, length * number / parts, length / parts), document);
      all.push_back(stored(document, {worker, workers, number, number + 1 == parts}));
    }
  }
  return all;
}

TEST(DocumentMerger, OrderDoesNotMatter) {
  Random random(11);
  for (int round = 0; round < 8; ++round) {
    std::vector<std::string> parts = make_parts(random, 5, round % 3 == 0 ? 400 : 50);
    const std::string expected = fingerprint(merged(parts));
    for (int i = 0; i < 4; ++i) {
      std::shuffle(parts.begin(), parts.end(), random);
      ASSERT_EQ(fingerprint(merged(parts)), expected) << round;
    }
  }
}

// (A + B) stored and read again, + C, is A + B + C, also where seconds have become coarse.
TEST(DocumentMerger, GroupingDoesNotMatter) {
  Random random(12);
  for (int round = 0; round < 6; ++round) {
    std::vector<std::string> documents;
    for (std::uint32_t worker = 0; worker < 3; ++worker) {
      RunDocument document = make_head(random);
      set_series(make_series(random, 0, 100 + static_cast<std::int64_t>(below(random, 300))),
                 document);
      documents.push_back(stored(document, {worker, 3, 0, true}));
    }
    const RunDocument flat = merged(documents);
    const RunDocument pair = merged({documents[0], documents[1]});
    const RunDocument nested = merged({stored(pair, {0, 3, 0, true}), documents[2]});
    RunDocument a, b;
    a.series = flat.series;
    a.total = flat.total;
    b.series = nested.series;
    b.total = nested.total;
    ASSERT_EQ(fingerprint(a), fingerprint(b)) << round;
  }
}

TEST(DocumentMerger, ALongRunBecomesAsCoarseAsACollectorMakesIt) {
  Registry registry;
  const CounterId requests = registry.counter("http.requests");
  const HistogramId latency = registry.histogram("http.response_time");
  constexpr TimePoint kStart{seconds(100)};
  Recorder recorder{registry, kStart};
  Collector collector(registry, {&recorder}, kWall);
  Random random(13);
  RunDocument head = make_head(random);
  std::vector<std::string> parts;
  std::int64_t from = 0;
  constexpr std::int64_t kLength = 25'000;
  for (std::int64_t second = 0; second <= kLength; ++second) {
    recorder.advance(kStart + seconds(second));
    recorder.count(requests);
    recorder.record(latency, milliseconds(1 + second % 70));
    if (second == kLength) recorder.finish();
    collector.collect();
    const std::int64_t until =
        second == kLength ? second + 1 : collector.newest_complete_second() + 1;
    if (until < from + 10 && second != kLength) continue;
    set_series(collector.windows(from, until), head);
    parts.push_back(
        stored(head, {0, 1, static_cast<std::uint32_t>(parts.size()), second == kLength}));
    from = until;
  }
  RunDocument whole = head;
  whole.series = collector.series();
  whole.total = collector.total();
  std::shuffle(parts.begin(), parts.end(), random);
  EXPECT_EQ(fingerprint(merged(parts)), fingerprint(whole));
  EXPECT_EQ(fingerprint(merged({stored(whole, {})})), fingerprint(whole));
}

TEST(DocumentMerger, WorkersAreMergedAsTheCollectorMergesThreads) {
  Registry registry;
  const CounterId requests = registry.counter("http.requests");
  const HistogramId latency = registry.histogram("http.response_time");
  constexpr TimePoint kStart{seconds(100)};
  Random random(14);
  RunDocument head = make_head(random);
  head.workers.clear();
  std::vector<std::string> documents;
  std::vector<std::unique_ptr<Recorder>> all;
  std::vector<Recorder*> pointers;
  for (std::uint32_t worker = 0; worker < 3; ++worker) {
    const Random state = random;
    for (const bool is_alone : {true, false}) {
      Random values = state;
      auto recorder = std::make_unique<Recorder>(registry, kStart);
      for (int second = 0; second < 6; ++second) {
        recorder->advance(kStart + seconds(second) + milliseconds(7 * worker));
        recorder->count(requests, below(values, 100));
        recorder->count(recorder->late_counter("errors." + std::to_string(below(values, 3))));
        for (int i = 0; i < 50; ++i) {
          recorder->record_value(latency, static_cast<std::int64_t>(any_size(values, 44)));
        }
      }
      recorder->finish();
      if (!is_alone) {
        pointers.push_back(recorder.get());
        all.push_back(std::move(recorder));
        continue;
      }
      Collector collector(registry, {recorder.get()}, kWall);
      collector.collect();
      head.series = collector.series();
      documents.push_back(stored(head, {worker, 3, 0, true}));
    }
    random.discard(1000);
  }
  Collector collector(registry, pointers, kWall);
  collector.collect();
  RunDocument expected, got;
  expected.series = collector.series();
  expected.total = collector.total();
  const RunDocument document = merged(documents);
  got.series = document.series;
  got.total = document.total;
  EXPECT_EQ(fingerprint(got), fingerprint(expected));
}

TEST(DocumentMerger, APartThatComesTwiceCountsOnce) {
  Random random(15);
  const std::vector<std::string> parts = make_parts(random, 2, 30);
  DocumentMerger merger;
  for (int round = 0; round < 2; ++round) {
    for (const std::string& bytes : parts) {
      const auto added = merger.add(StoredDocument::open(bytes).value());
      ASSERT_TRUE(added);
      EXPECT_EQ(*added,
                round == 0 ? DocumentMerger::Added::kNew : DocumentMerger::Added::kDuplicate);
    }
  }
  EXPECT_EQ(fingerprint(merger.document()), fingerprint(merged(parts)));
}

TEST(DocumentMerger, ContradictionsAreRefusedAndChangeNothing) {
  Random random(16);
  const RunDocument first = make_document(random);
  DocumentMerger merger;
  ASSERT_TRUE(merger.add(StoredDocument::open(stored(first, {0, 2, 0, true})).value()));
  const std::string before = fingerprint(merger.document());
  RunDocument other_run = first, other_seed = first, other_phases = first, other_content = first;
  other_run.run_id = "t2";
  other_seed.seed = 1;
  other_phases.phases[0].written.set("duration", 2);
  other_content.series.push_back({999, 1000, make_snapshot(random, 999, 1000)});
  struct Case {
    const char* words;
    RunDocument document;
    Part part;
  };
  const Case cases[] = {
      {"it is of the run t2, the others are of t1", other_run, {1, 2, 0, true}},
      {"differs in the seed", other_seed, {1, 2, 0, true}},
      {"differs in the phases", other_phases, {1, 2, 0, true}},
      {"differs in the number of workers", first, {1, 3, 0, true}},
      {"other content is there already for part 0 of worker 0", other_content, {0, 2, 0, true}},
      {"parts behind its last one", first, {0, 2, 1, false}},
  };
  for (const Case& test : cases) {
    const auto added = merger.add(StoredDocument::open(stored(test.document, test.part)).value());
    ASSERT_FALSE(added) << test.words;
    EXPECT_NE(added.error().message.find(test.words), std::string::npos) << added.error().message;
  }
  EXPECT_EQ(fingerprint(merger.document()), before);
}

TEST(DocumentMerger, WhatIsMissingIsNamed) {
  Random random(17);
  RunDocument document = make_head(random);
  document.ending = Ending::kCompleted;
  document.notes.clear();
  const RunDocument result =
      merged({stored(document, {1, 5, 1, true}), stored(document, {3, 5, 0, true}),
              stored(document, {4, 5, 0, false})});
  EXPECT_EQ(result.ending, Ending::kIncomplete);
  EXPECT_EQ(result.notes,
            (std::vector<std::string>{"Nothing came from the workers 0 and 2.",
                                      "Part of what these workers measured is missing: 1 and 4."}));
}

TEST(DocumentMerger, FiguresOfWorkersAreAddedOrListed) {
  Random random(18);
  RunDocument a = make_head(random), b = make_head(random);
  a.arrivals_planned = 3;
  b.arrivals_planned = 4;
  a.ending = Ending::kCompleted;
  b.ending = Ending::kStopped;
  a.elapsed = seconds(5);
  b.elapsed = seconds(4);
  b.started += seconds(2);
  a.workers = {{.index = 0, .cpu = seconds(1)}, {.index = 1, .cpu = seconds(2)}};
  b.workers = {{.index = 0, .cpu = seconds(3)}};
  a.checks = {{.text = "x", .passed = true, .measured = "1"}};
  b.checks = {{.text = "x", .passed = false, .measured = "2"}};
  a.notes = {"One."};
  b.notes = {"One.", "Two."};
  set_series({{0, 1, make_snapshot(random, 0, 1)}}, a);
  set_series({{0, 1, make_snapshot(random, 0, 1)}}, b);
  const RunDocument result = merged({stored(b, {1, 2, 0, true}), stored(a, {0, 2, 0, true})});
  EXPECT_EQ(result.arrivals_planned, 7u);
  EXPECT_EQ(result.ending, Ending::kStopped);
  EXPECT_EQ(result.started, a.started);
  EXPECT_EQ(result.elapsed, seconds(6));
  ASSERT_EQ(result.workers.size(), 3u);
  EXPECT_EQ(result.workers[2].index, 2u);
  EXPECT_EQ(result.workers[2].cpu, seconds(3));
  ASSERT_EQ(result.checks.size(), 1u);
  EXPECT_EQ(result.checks[0].measured, "2");
  EXPECT_EQ(result.notes, (std::vector<std::string>{"One.", "Two."}));
  ASSERT_EQ(result.series.size(), 2u);  // b's second 0 is the run's second 2
  EXPECT_EQ(result.series[1].from_second, 2);
}

TEST(DocumentMerger, DifferentRunsAreMergedWhenAskedFor) {
  Random random(19);
  RunDocument a = make_head(random), b = make_head(random);
  a.notes.clear();
  b.notes.clear();
  b.run_id = "t0";
  b.seed = 5;
  b.target = "http://127.0.0.1:2";
  b.started += seconds(1);
  const auto several = DocumentMerger::Runs::kSeveral;
  const RunDocument result = merged({stored(b, {}), stored(a, {})}, several);
  EXPECT_EQ(result.run_id, "t1 and t0");
  EXPECT_EQ(result.target, "http://127.0.0.1:1 and http://127.0.0.1:2");
  EXPECT_EQ(result.script_name, "a script.yml");
  EXPECT_EQ(result.seed, a.seed);
  EXPECT_EQ(result.phases.size(), 2u);
  EXPECT_EQ(result.notes, std::vector<std::string>{"Put together from 2 runs: t1 and t0."});
}

TEST(DocumentMerger, TooManyNamesShareOne) {
  Random random(20);
  DocumentMerger merger;
  std::uint64_t sum = 0;
  for (std::uint32_t worker = 0; worker < 5; ++worker) {
    RunDocument document = make_head(random);
    Snapshot snapshot;
    for (int i = 0; i < 6000; ++i) {
      snapshot.counters["errors." + std::to_string(worker) + "." + std::to_string(i)] = 1;
      ++sum;
    }
    set_series({{0, 1, snapshot}}, document);
    ASSERT_TRUE(merger.add(StoredDocument::open(stored(document, {worker, 5, 0, true})).value()));
  }
  const RunDocument result = merger.document();
  EXPECT_EQ(result.total.counters.size(), DocumentMerger::kMaxNames + 1);
  EXPECT_EQ(result.total.counter("slsart.other"), sum - DocumentMerger::kMaxNames);
}

}  // namespace
}  // namespace slsart::metrics
