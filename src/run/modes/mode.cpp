#include "run/modes/mode.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "report/json_report.h"

namespace slsart::run {
namespace {

using core::Value;

constexpr std::array<std::string_view, 3> kCounts = {"scenariosCreated", "scenariosCompleted",
                                                     "requestsCompleted"};
constexpr std::array<std::string_view, 2> kTables = {"codes", "errors"};
constexpr std::size_t kLongestSubject = 100;

std::uint64_t count_of(const Value* value) {
  if (value == nullptr || !value->is_number()) return 0;
  const double number = value->as_number();
  return number > 0 && number < 9e15 ? static_cast<std::uint64_t>(number) : 0;
}

bool is_report(const Value& report) {
  return report.is_object() && report.find("scenariosCreated") != nullptr;
}

Value total_of(const std::vector<Value>& reports) {
  Value totals;
  for (const std::string_view name : kCounts) {
    std::uint64_t sum = 0;
    for (const Value& report : reports) sum += count_of(report.find(name));
    totals.set(name, sum);
  }
  for (const std::string_view name : kTables) {
    Value table(Value::Object{});
    for (const Value& report : reports) {
      const Value* const part = report.find(name);
      if (part == nullptr || !part->is_object()) continue;
      for (const core::Member& entry : part->as_object()) {
        table.set(entry.key, count_of(table.find(entry.key)) + count_of(&entry.value));
      }
    }
    totals.set(name, std::move(table));
  }
  return totals;
}

std::string number_text(double number) {
  std::string text;
  core::write_number(number, text);
  return text;
}

std::string with_dot(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

// One line of printable ASCII.
std::string to_subject(std::string_view text) {
  std::string subject;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) continue;  // the rest of a character that became "?"
    subject += byte < 0x20 ? ' ' : byte > 0x7e ? '?' : c;
  }
  if (subject.size() > kLongestSubject) {
    subject.resize(kLongestSubject - 3);
    subject += "...";
  }
  return subject;
}

Value without_latencies(const Value& report) {
  if (!report.is_object()) return report;
  Value::Object kept;
  for (const core::Member& member : report.as_object()) {
    if (member.key != "latencies") kept.push_back(member);
  }
  return Value(std::move(kept));
}

}  // namespace

Analysis analyse(Mode mode, double error_budget, std::span<const SampleResult> results) {
  std::vector<Value> reports;
  for (const SampleResult& result : results) {
    if (result.document) {
      const Value whole = report::to_json(*result.document, report::JsonFormat::kArtillery1);
      reports.push_back(*whole.find("aggregate"));
    } else {
      reports.push_back(Value::make_object(
          {{"errorMessage", "scenario " + result.scenario + ": " + result.failure}}));
    }
  }
  return analyse_reports(mode, error_budget, std::move(reports));
}

Analysis analyse_reports(Mode mode, double error_budget, std::vector<Value> reports) {
  Analysis analysis;
  std::string missing;
  for (const Value& report : reports) {
    if (is_report(report)) continue;
    ++analysis.errors;
    const Value* const why = report.find("errorMessage");
    const bool has_text = why != nullptr && why->is_string();
    if (missing.empty())
      missing = has_text ? why->as_string() : "a scenario's executor did not report";
  }
  analysis.totals = total_of(reports);
  for (const core::Member& entry : analysis.totals.find("errors")->as_object())
    analysis.errors += count_of(&entry.value);
  const bool is_over = static_cast<double>(analysis.errors) > error_budget;
  if (is_over || !missing.empty()) {
    analysis.error_message = std::string(script::name_of(mode)) + " failure: scenarios run: " +
                             std::to_string(count_of(analysis.totals.find("scenariosCreated"))) +
                             ", total errors: " + std::to_string(analysis.errors) +
                             ", error budget: " + number_text(error_budget);
    if (!missing.empty()) analysis.error_message += "; " + missing;
  }
  analysis.reports = std::move(reports);
  return analysis;
}

Value Analysis::to_value() const {
  Value value;
  value.set("errors", errors);
  value.set("reports", Value(reports));
  value.set("totals", totals);
  if (!passed()) value.set("errorMessage", error_message);
  return value;
}

Alert make_alert(const Analysis& analysis) {
  Analysis shown = analysis;
  for (Value& report : shown.reports) report = without_latencies(report);
  return {.subject = to_subject("Alert: " + analysis.error_message),
          .message = "Alert:\n  " + analysis.error_message + "\n\nLogs:\nFull analysis:\n" +
                     core::to_pretty_json(shown.to_value()) + "\n"};
}

Alert make_failure_alert(std::string_view what) {
  const std::string text = "the run itself failed: " + with_dot(std::string(what));
  return {.subject = to_subject("Alert: " + text), .message = "Alert:\n  " + text + "\n"};
}

}  // namespace slsart::run
