#pragma once

#include <cstddef>
#include <deque>
#include <span>
#include <string>

#include "core/result.h"
#include "core/value.h"
#include "expr/capture/jmes_program.h"

namespace slsart::expr::capture {

// Evaluates one expression over one document. Results are values of the document, or of a store
// that lives as long as the evaluator.
class JmesEvaluator {
 public:
  // `budget`: how many nodes may be visited and values copied.
  explicit JmesEvaluator(std::size_t budget) : budget_(budget) {}

  // Never null; core::Value() is not among the results, nothing is the value null. After a failure
  // the result means nothing.
  const core::Value* visit(const JmesNode& node, const core::Value* current);
  bool has_failed() const { return has_failed_; }
  core::Error take_error() { return std::move(error_); }

 private:
  using List = core::Value::List;

  const core::Value* keep(core::Value value);
  const core::Value* nothing();
  const core::Value* fail(core::ErrorCode code, std::string message);
  bool spend(std::size_t amount);
  core::Value copy(const core::Value& value);

  const core::Value* slice(const JmesNode& node, const core::Value& list);
  const core::Value* project(const JmesNode& node, const core::Value* current);
  const core::Value* flatten(const core::Value& list);
  const core::Value* select(const JmesNode& node, const core::Value* current);
  const core::Value* compare(const JmesNode& node, const core::Value* current);

  // jmes_functions.cpp
  const core::Value* call(const JmesNode& node, const core::Value* current);
  const core::Value* call_plain(JmesFunction function, std::span<const core::Value* const> given);
  const core::Value* call_numbers(JmesFunction function, const core::Value& value);
  const core::Value* call_texts(JmesFunction function, const core::Value& a, const core::Value& b);
  const core::Value* call_list(JmesFunction function, const core::Value& value);
  const core::Value* call_mapped(JmesFunction function, const core::Value& list,
                                 const JmesNode& expression);
  const core::Value* extreme(const core::Value& list, bool is_greatest);
  const core::Value* wrong_type(JmesFunction function, const core::Value& got);

  std::size_t budget_;
  std::deque<core::Value> store_;
  bool has_failed_ = false;
  core::Error error_;
};

// JMESPath's idea of truth: null, false, and empty texts, lists and objects are false.
bool is_jmes_true(const core::Value& value);

}  // namespace slsart::expr::capture
