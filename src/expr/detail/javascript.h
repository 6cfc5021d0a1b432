#pragma once

#include <string>

#include "core/value.h"

namespace slsart::expr::detail {

// JavaScript's conversions and operators on values, as far as the small languages in scripts need
// them (ECMAScript: ToNumber, IsLooselyEqual, IsStrictlyEqual, ApplyStringOrNumericBinaryOperator).

// Hexadecimal text and the like are not worth having here: NaN.
double to_number(const core::Value& value);
// Whole results stay whole numbers while a double holds them exactly.
core::Value make_number(double number);

bool is_container(const core::Value& value);  // a list or an object
// Lists and objects are equal only to themselves, the very same value.
bool strictly_equal(const core::Value& a, const core::Value& b);
bool loosely_equal(const core::Value& a, const core::Value& b);

// -1, 0, 1 as a is below, equal to, above b; 2 when they have no order (NaN).
int compare(const core::Value& a, const core::Value& b);
core::Value add(const core::Value& a, const core::Value& b);
// The text of a value; of a list or an object what JavaScript makes of an object.
void append_text(const core::Value& value, std::string& out);

}  // namespace slsart::expr::detail
