#pragma once

#include <string>

#include "metrics/document.h"

namespace slsart::report {

// The verdict of a run as JUnit XML, in the shape that Jenkins' xUnit plugin calls JUnit-10
// (tests/e2e/junit-10.xsd): one suite, in it one test case for
//
//   every scenario       classname SCRIPT.scenarios; fails if users of it failed, unless a
//                        maxErrorRate condition judges them
//   every expectation    classname SCRIPT.expectations: "GET /json: statusCode 200"
//   every condition      classname SCRIPT.ensure: "p95 < 200"; one that is not strict is skipped
//                        when it does not hold
//   the ending           classname SCRIPT.run: an error if the run was stopped or is incomplete
//
// Characters that XML cannot hold become U+FFFD. Ends in a line end.
std::string to_junit(const metrics::RunDocument& document);

}  // namespace slsart::report
