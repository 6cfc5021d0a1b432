#pragma once

#include <memory>
#include <string_view>

#include "core/result.h"
#include "core/value.h"

namespace slsart::expr::capture {

struct JmesNode;

// A compiled JMESPath (https://jmespath.org/specification.html): `items[?price > `10`].id | [0]`,
// `length(items)`, `{first: items[0], n: length(items)}`. Where npm's jmespath 0.16, which the
// reference uses, goes another way than the specification, the ordering operators follow it: they
// compare anything as JavaScript does. Never changes; threads may share it.
class JmesPath {
 public:
  // Errors: kInvalidInput with the offset of the fault; unknown functions and a wrong number of
  // arguments are such faults, too.
  static core::Result<JmesPath> parse(std::string_view text);

  // What the expression gives for a document; null: nothing. Errors: kInvalidInput, an argument of
  // a function is of the wrong type; kLimit: more work than the document is worth.
  core::Result<core::Value> search(const core::Value& document) const;

 private:
  std::shared_ptr<const JmesNode> root_;  // shared: copied with the script
};

}  // namespace slsart::expr::capture
