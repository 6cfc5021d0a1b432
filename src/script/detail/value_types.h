#pragma once

#include <optional>

#include "script/detail/schema_table.h"

namespace slsart::script::detail {

// The kinds of values that rows of several tables use. Texts that hold numbers or booleans are
// taken as such, as environment variables and --variables bring them.

extern const Type kAnything;
extern const Type kText;  // text, or a number or boolean read as text
extern const Type kBoolean;
extern const Type kPositiveInteger;  // from 1
extern const Type kWholeNumber;      // from 0
extern const Type kDuration;         // longer than 0
extern const Type kPauseDuration;    // 0 and longer
extern const Type kRate;             // users per second
extern const Type kTemplateMap;      // names to texts, numbers or booleans
extern const Type kHeaderMap;        // the same, or lists of these
extern const Type kAnyMap;           // names to anything
extern const Type kTextList;
extern const Type kCondition;    // an expression, see expr/user_condition.h
extern const Type kThinkJitter;  // milliseconds or percent (schema_flow.cpp)
extern const Type kArrivalMode;  // uniform or poisson (schema_phase.cpp)
extern const Type kPercent;      // a number from 0, or a template
extern const Type kHooks;        // one name or a list of names
extern const Type kSplit;        // schema_distribution.cpp
extern const Type kSampling;     // the same
extern const Type kMode;         // the same

// "expected <expected>, found <value>".
std::string mismatch(std::string_view expected, const Node& value);

// The number a node holds, written as number or text; nothing if it is neither.
std::optional<double> number_in(const Node& node);
std::optional<std::int64_t> integer_in(const Node& node);
std::optional<bool> boolean_in(const Node& node);

// Whether the text still has a slot, `{{`.
bool has_slot(const Node& node);

}  // namespace slsart::script::detail
