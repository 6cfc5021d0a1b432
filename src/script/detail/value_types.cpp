#include "script/detail/value_types.h"

#include <cmath>

#include "core/text.h"
#include "script/detail/decimal.h"
#include "script/duration.h"

namespace slsart::script::detail {
namespace {

constexpr std::int64_t kFastestNano = 1'000'000'000'000'000'000;  // a billion users a second

std::string text_complaint(const Node& value) {
  return value.is_nothing() ? mismatch(kText.expected, value) : std::string();
}

std::string boolean_complaint(const Node& value) {
  return boolean_in(value) ? std::string() : mismatch(kBoolean.expected, value);
}

std::string integer_complaint(const Node& value, const Type& type, std::int64_t least) {
  const auto integer = integer_in(value);
  if (!integer) return mismatch(type.expected, value);
  if (*integer >= least) return {};
  return "this must be at least " + std::to_string(least) + ", not " + value.text();
}

std::string positive_complaint(const Node& value) {
  return integer_complaint(value, kPositiveInteger, 1);
}

std::string whole_complaint(const Node& value) {
  return integer_complaint(value, kWholeNumber, 0);
}

std::string duration_complaint(const Node& value, bool may_be_zero) {
  const bool is_bool = value.scalar.kind() == core::Value::Kind::kBool;
  if (value.is_nothing() || is_bool) return mismatch(kDuration.expected, value);
  const core::Result<core::Duration> duration = parse_duration(value.text());
  if (duration) {
    if (may_be_zero || duration->count() > 0) return {};
    return "a duration must be longer than 0";
  }
  if (duration.error().code == core::ErrorCode::kLimit) return duration.error().message;
  const bool is_negative = core::trim(value.text()).starts_with('-') && number_in(value);
  return is_negative ? "a duration cannot be negative, this is " + value.text()
                     : mismatch(kDuration.expected, value);
}

std::string rate_complaint(const Node& value) {
  const auto number = number_in(value);
  if (!number) return mismatch(kRate.expected, value);
  if (*number < 0) return "a rate cannot be negative, this is " + value.text();
  const auto nano = parse_nano(core::trim(value.text()));
  if (!nano || *nano > kFastestNano) return "a rate cannot be above a billion users per second";
  if (*nano == 0 && *number > 0) return "a rate cannot be below one user in 30 years";
  return {};
}

std::string percent_complaint(const Node& value) {
  if (has_slot(value)) return {};
  const auto percent = number_in(value);
  if (!percent) return mismatch("a percentage", value);
  return *percent < 0 ? "a probability cannot be negative, this is " + value.text() : std::string();
}

}  // namespace

constinit const Type kAnything{.shape = Type::Shape::kAny, .expected = "anything", .json = "{}"};
constinit const Type kText{.shape = Type::Shape::kScalar,
                           .expected = "a text",
                           .complaint = text_complaint,
                           .json = R"({"type": ["string", "number", "boolean"]})"};
constinit const Type kBoolean{.shape = Type::Shape::kScalar,
                              .expected = "true or false",
                              .complaint = boolean_complaint,
                              .json = R"({"type": ["boolean", "string"]})"};
constinit const Type kPositiveInteger{.shape = Type::Shape::kScalar,
                                      .expected = "a whole number from 1",
                                      .complaint = positive_complaint,
                                      .json = R"({"type": ["integer", "string"], "minimum": 1})"};
constinit const Type kWholeNumber{.shape = Type::Shape::kScalar,
                                  .expected = "a whole number from 0",
                                  .complaint = whole_complaint,
                                  .json = R"({"type": ["integer", "string"], "minimum": 0})"};
constinit const Type kDuration{
    .shape = Type::Shape::kScalar,
    .expected = "a duration such as 20, \"500ms\" or \"1m 30s\"",
    .complaint = [](const Node& value) { return duration_complaint(value, false); },
    .json = R"({"type": ["number", "string"], "exclusiveMinimum": 0})"};
constinit const Type kPauseDuration{
    .shape = Type::Shape::kScalar,
    .expected = "a duration such as 20, \"500ms\" or \"1m 30s\"",
    .complaint = [](const Node& value) { return duration_complaint(value, true); },
    .json = R"({"type": ["number", "string"], "minimum": 0})"};
constinit const Type kRate{.shape = Type::Shape::kScalar,
                           .expected = "a number of users per second",
                           .complaint = rate_complaint,
                           .json = R"({"type": ["number", "string"], "minimum": 0})"};
constinit const Type kTemplateMap{
    .shape = Type::Shape::kMap, .expected = "a map of names to texts", .items = &kText};
constinit const Type kHeaderValue{
    .shape = Type::Shape::kOneOrList, .expected = "a text, or a list of texts", .items = &kText};
constinit const Type kHeaderMap{.shape = Type::Shape::kMap,
                                .expected = "a map of names to texts, or to lists of texts",
                                .items = &kHeaderValue};
constinit const Type kAnyMap{
    .shape = Type::Shape::kMap, .expected = "a map of names to values", .items = &kAnything};
constinit const Type kTextList{
    .shape = Type::Shape::kList, .expected = "a list of texts", .items = &kText};
constinit const Type kCondition{.shape = Type::Shape::kScalar,
                                .expected = "a condition such as \"level > 3\"",
                                .complaint = text_complaint,
                                .json = R"({"type": ["string", "number", "boolean"]})"};
constinit const Type kPercent{.shape = Type::Shape::kScalar,
                              .expected = "a percentage",
                              .complaint = percent_complaint,
                              .json = R"({"type": ["number", "string"], "minimum": 0})"};
constinit const Type kHooks{.shape = Type::Shape::kOneOrList,
                            .expected = "the name of a function, or a list of names",
                            .items = &kText};

std::string mismatch(std::string_view expected, const Node& value) {
  return "expected " + std::string(expected) + ", found " + describe(value);
}

std::optional<double> number_in(const Node& node) {
  if (!node.is_scalar()) return std::nullopt;
  if (node.scalar.is_number()) {
    const double number = node.scalar.as_number();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
  }
  if (!node.is_text()) return std::nullopt;
  const auto number = core::parse_number(core::trim(node.scalar.as_string()));
  return number && std::isfinite(*number) ? number : std::nullopt;
}

std::optional<std::int64_t> integer_in(const Node& node) {
  if (!node.is_scalar()) return std::nullopt;
  if (node.scalar.kind() == core::Value::Kind::kInteger) return node.scalar.as_integer();
  if (node.is_text()) {
    if (const auto integer = core::parse_integer(core::trim(node.scalar.as_string()))) {
      return integer;
    }
  }
  constexpr double kExact = 9007199254740992.0;  // 2^53: whole doubles below it are exact
  const auto number = number_in(node);
  if (!number || std::abs(*number) > kExact || std::trunc(*number) != *number) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<bool> boolean_in(const Node& node) {
  if (!node.is_scalar()) return std::nullopt;
  if (node.scalar.kind() == core::Value::Kind::kBool) return node.scalar.as_bool();
  if (!node.is_text()) return std::nullopt;
  if (node.scalar.as_string() == "true") return true;
  if (node.scalar.as_string() == "false") return false;
  return std::nullopt;
}

bool has_slot(const Node& node) {
  return node.is_text() && node.scalar.as_string().find("{{") != std::string::npos;
}

}  // namespace slsart::script::detail
