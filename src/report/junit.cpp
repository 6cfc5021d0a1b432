#include "report/junit.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "report/console.h"
#include "report/detail/text.h"
#include "report/ensure.h"

namespace slsart::report {
namespace {

enum class Outcome { kPassed, kFailed, kError, kSkipped };

struct TestCase {
  std::string group;  // behind the script's name
  std::string name;
  Outcome outcome = Outcome::kPassed;
  std::string message;
};

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Bytes of one UTF-8 character that XML 1.0 allows (§2.2), or 0.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;
  if (first >= 0xC2 && first < 0xE0) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first < 0xF0) {
    if (!follows(1) || !follows(2)) return 0;
    const unsigned code = (first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
    return code < 0x800 || (code >= 0xD800 && code < 0xE000) || code >= 0xFFFE ? 0 : 3;
  }
  if (first >= 0xF0 && first < 0xF5) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    const unsigned code = (first & 0x07) << 18 | (byte(1) & 0x3F) << 12;
    return code < 0x10000 || code >= 0x110000 ? 0 : 4;
  }
  return 0;
}

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const char c = text.front();
    if (size == 0) {
      out += kReplacement;
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\n' || c == '\r' || c == '\t') {
      out += "&#" + std::to_string(static_cast<int>(c)) + ";";  // attributes would lose them
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + escaped(value) + "\"";
}

bool judges_errors(const metrics::RunDocument& document) {
  return std::ranges::any_of(document.checks, [](const metrics::Check& check) {
    return check.text.starts_with("maxErrorRate");
  });
}

void add_scenarios(const metrics::RunDocument& document, std::vector<TestCase>& cases) {
  constexpr std::string_view kCreated = "vusers.created_by_name.";
  const metrics::Snapshot& total = document.total;
  const bool is_judged = judges_errors(document);
  for (const auto& [name, created] : total.counters) {
    if (!name.starts_with(kCreated)) continue;
    const std::string scenario = name.substr(kCreated.size());
    const std::uint64_t failed = total.counter("slsart.failed_by_name." + scenario);
    TestCase one{
        .group = "scenarios", .name = scenario, .outcome = Outcome::kPassed, .message = {}};
    one.message = std::to_string(failed) + " of " + std::to_string(created) + " users failed";
    if (failed > 0 && !is_judged) one.outcome = Outcome::kFailed;
    cases.push_back(std::move(one));
  }
}

void add_expectations(const metrics::RunDocument& document, std::vector<TestCase>& cases) {
  for (const Expected& one : expectations_of(document.total)) {
    cases.push_back({.group = "expectations",
                     .name = one.text,
                     .outcome = one.failed > 0 ? Outcome::kFailed : Outcome::kPassed,
                     .message = std::to_string(one.failed) + " of " +
                                std::to_string(one.ok + one.failed) + " failed"});
  }
}

void add_checks(const metrics::RunDocument& document, std::vector<TestCase>& cases) {
  for (const metrics::Check& check : document.checks) {
    Outcome outcome = check.strict ? Outcome::kFailed : Outcome::kSkipped;
    if (check.passed) outcome = Outcome::kPassed;
    cases.push_back({.group = "ensure",
                     .name = check.text,
                     .outcome = outcome,
                     .message = "measured: " + check.measured});
  }
}

void add_ending(const metrics::RunDocument& document, std::vector<TestCase>& cases) {
  TestCase ending{.group = "run", .name = "ending", .outcome = Outcome::kPassed, .message = {}};
  ending.message = "completed";
  if (document.ending == metrics::Ending::kStopped) {
    ending.outcome = Outcome::kError;
    ending.message = "stopped after " + words(document.elapsed);
  } else if (document.ending == metrics::Ending::kIncomplete) {
    ending.outcome = Outcome::kError;
    ending.message = "part of the results is missing";
  }
  cases.push_back(std::move(ending));
}

std::string to_xml(const TestCase& one, std::string_view script) {
  std::string out = "    <testcase" +
                    attribute("classname", std::string(script) + "." + one.group) +
                    attribute("name", one.name) + " time=\"0\">\n";
  const auto element = [&](std::string_view tag, std::string_view attributes) {
    out.append("      <").append(tag).append(attributes).append("/>\n");
  };
  switch (one.outcome) {
    case Outcome::kPassed:
      out += "      <system-out>" + escaped(one.message) + "</system-out>\n";
      break;
    case Outcome::kFailed:
      element("failure", attribute("message", one.message) + attribute("type", one.group));
      break;
    case Outcome::kError:
      element("error", attribute("message", one.message) + attribute("type", one.group));
      break;
    case Outcome::kSkipped:
      element("skipped", attribute("message", "optional, did not hold; " + one.message));
      break;
  }
  return out + "    </testcase>\n";
}

std::string counts_of(const std::vector<TestCase>& cases) {
  const auto count = [&](Outcome outcome) {
    return std::to_string(std::ranges::count(cases, outcome, &TestCase::outcome));
  };
  return attribute("tests", std::to_string(cases.size())) +
         attribute("failures", count(Outcome::kFailed)) +
         attribute("errors", count(Outcome::kError));
}

}  // namespace

std::string to_junit(const metrics::RunDocument& document) {
  std::vector<TestCase> cases;
  add_scenarios(document, cases);
  add_expectations(document, cases);
  add_checks(document, cases);
  add_ending(document, cases);
  const std::string counts = counts_of(cases);
  const std::string time = attribute("time", fixed(core::to_seconds(document.elapsed), 3));
  const auto skipped = std::ranges::count(cases, Outcome::kSkipped, &TestCase::outcome);
  const std::string moment = iso_text(document.started).substr(0, 19);  // without a zone
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"slsart\"" +
                    counts + time + ">\n  <testsuite" + attribute("name", document.script_name) +
                    counts + attribute("skipped", std::to_string(skipped)) + time +
                    attribute("timestamp", moment) + attribute("id", document.run_id) +
                    ">\n    <properties>\n";
  const std::array<std::pair<std::string_view, std::string>, 5> properties = {
      {{"target", document.target},
       {"seed", std::to_string(document.seed)},
       {"dialect", document.dialect},
       {"version", document.version},
       {"generator", judge_generator(document).sentence}}};
  for (const auto& [name, value] : properties) {
    out += "      <property" + attribute("name", name) + attribute("value", value) + "/>\n";
  }
  out += "    </properties>\n";
  for (const TestCase& one : cases) out += to_xml(one, document.script_name);
  std::string notes;
  for (const std::string& note : document.notes) notes += note + "\n";
  if (!notes.empty()) out += "    <system-out>" + escaped(notes) + "</system-out>\n";
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace slsart::report
