// Reads lines {"expression": ..., "document": ...}; prints for each {"result": ...}, {"wrong": true} for an
// expression that cannot be read, or {"failed": true} for one that fails at run time.
#include <iostream>
#include <string>

#include "core/value.h"
#include "expr/capture/jmes_path.h"

int main() {
  using slsart::core::Value;
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto asked = slsart::core::parse_json(line);
    if (!asked) return 1;
    const auto path =
        slsart::expr::capture::JmesPath::parse(asked->find("expression")->as_string());
    Value answer(Value::Object{});
    if (!path) {
      answer.set("wrong", true);
    } else if (auto result = path->search(*asked->find("document"))) {
      answer.set("result", *std::move(result));
    } else {
      answer.set("failed", true);
    }
    std::cout << slsart::core::to_json(answer) << "\n";
  }
  return 0;
}
