#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "expr/extractor.h"
#include "expr/template.h"
#include "expr/variables.h"

namespace slsart::expr {

enum class ExpectationKind : std::uint8_t {
  kStatusCode,      // the status is a number, or one of a list
  kNotStatusCode,   // it is none of them
  kContentType,     // the whole header, in any case; `json`: a JSON body that says so
  kHasHeader,       // the header is there and not empty
  kHeaderEquals,    // [name, value]
  kHasProperty,     // the JSON body, an object or list, has what the path `a.b[0]` leads to
  kNotHasProperty,  // it has not; a body that is neither fails as well
  kEquals,          // all elements of a list are the same text
  kMatchesRegexp,   // the body as received
  kCdnHit,          // true: a cache's header says hit or stale; false: miss
  kJmesPath,        // what a JMESPath gives for the JSON body is true in JavaScript
  kJPath,           // the same under another name
};

namespace capture {
class JmesPath;
}

// One element of `expect`: what a response must be like (artillery-plugin-expect, expectations.js).
// Compiled once; never changes, so threads may share it.
class Expectation {
 public:
  // `value` as written, templates compiled. Errors: kInvalidInput for a regular expression or
  // a JMESPath that cannot be read, with its offset, and for a `headerEquals` that is no pair.
  static core::Result<Expectation> make(ExpectationKind kind, ValueTemplate value);

  // Its name in scripts and metrics: "statusCode"; "header x-a values equals" for headerEquals, as
  // the reference counts it.
  const std::string& type() const { return type_; }
  bool needs_body() const;
  bool needs_headers() const;
  const ValueTemplate& value() const { return value_; }
  // What explain() calls the expression of a JMESPath.
  void describe(std::string text) { description_ = std::move(text); }
  // As written, for messages: "200", "[\"a\", \"b\"]".
  std::string source() const;

  // Allocates nothing for constant values, but for headers that came more than once.
  bool holds(const ResponseView& response, const Scope& scope) const;
  // What was expected and what came, for people.
  struct Account {
    core::Value expected;
    core::Value got;
  };
  Account explain(const ResponseView& response, const Scope& scope) const;

 private:
  struct Path;
  struct Pattern;

  bool status_matches(int status, const Scope& scope) const;
  bool has_content_type(const ResponseView& response, const Scope& scope) const;
  bool header_equals(const ResponseView& response, const Scope& scope) const;
  bool has_property(const ResponseView& response, const Scope& scope, bool wanted) const;
  bool all_equal(const Scope& scope) const;
  bool matches(const ResponseView& response, const Scope& scope) const;
  bool is_cached(const ResponseView& response) const;
  bool has_header(const ResponseView& response, const Scope& scope) const;
  bool is_query() const {
    return kind_ == ExpectationKind::kJmesPath || kind_ == ExpectationKind::kJPath;
  }
  core::Result<void> compile_constant();
  bool query_holds(const ResponseView& response, const Scope& scope) const;
  core::Result<core::Value> query_result(const ResponseView& response, const Scope& scope) const;
  Account explain_query(const ResponseView& response, const Scope& scope) const;
  std::string text(const Scope& scope) const;
  Account explain_header(const ResponseView& response, const Scope& scope) const;
  std::string property_found(const ResponseView& response, const std::string& path, bool ok) const;
  static std::string content_type_found(const ResponseView& response, const std::string& expected,
                                        bool ok);
  static std::string cache_found(const ResponseView& response);

  ExpectationKind kind_ = ExpectationKind::kStatusCode;
  ValueTemplate value_;
  std::string type_;
  std::vector<double> statuses_;  // constant ones
  std::string constant_;          // a constant text
  bool is_constant_ = false;
  bool wants_hit_ = false;
  std::shared_ptr<const Path> path_;        // shared: copied with the script
  std::shared_ptr<const Pattern> pattern_;  // likewise
  std::shared_ptr<const capture::JmesPath> query_;
  std::string description_;
};

// "statusCode"; nothing for other words.
std::string_view name_of(ExpectationKind kind);

}  // namespace slsart::expr
