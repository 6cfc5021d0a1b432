// Any text compiles or is refused at a place inside it; what compiles renders, the same each time.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/check.h"
#include "core/symbol.h"
#include "expr/template.h"
#include "expr/variables.h"

namespace {

using slsart::core::Rng;
using slsart::core::SymbolTable;
using slsart::core::Value;
using slsart::expr::Scope;
using slsart::expr::Template;
using slsart::expr::TemplateErrors;
using slsart::expr::VariableName;
using slsart::expr::Variables;

std::string render(const Template& compiled, const Variables& user) {
  Rng rng(1);
  std::string out;
  compiled.render({&user, nullptr, &rng}, out);
  return out;
}

// One slot alone gives a value whose text is what is rendered.
void check_evaluation(const Template& compiled, const Variables& user,
                      const std::string& rendered) {
  Rng rng(1);
  std::string text;
  slsart::core::write_text(compiled.evaluate({&user, nullptr, &rng}), text);
  SLSART_CHECK(text == rendered);
}

void check(std::string_view text, TemplateErrors errors, const Variables& user,
           SymbolTable& symbols) {
  const auto compiled = Template::compile(text, symbols, errors);
  if (!compiled) {
    SLSART_CHECK(errors == TemplateErrors::kReport);
    SLSART_CHECK(compiled.error().offset && *compiled.error().offset <= text.size());
    return;
  }
  SLSART_CHECK(compiled->source() == text);
  const std::string rendered = render(*compiled, user);
  SLSART_CHECK(rendered == render(*compiled, user));
  SLSART_CHECK(!compiled->is_static() || rendered == text);
  check_evaluation(*compiled, user, rendered);
}

void check_name(std::string_view text, SymbolTable& symbols) {
  const auto name = VariableName::parse(text, symbols);
  if (!name) {
    SLSART_CHECK(name.error().offset && *name.error().offset <= text.size());
    return;
  }
  Variables variables;
  name->assign(variables, Value(1));
  SLSART_CHECK(variables.size() == 1 && variables.find(name->root()) != nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  SymbolTable symbols;
  Variables user;
  user.set(symbols.intern("a"), *slsart::core::parse_json(R"([{"b":"{{ a }}"},2,"x"])"));
  user.set(symbols.intern("n"), Value(3));
  check(text, TemplateErrors::kReport, user, symbols);
  check(text, TemplateErrors::kKeepText, user, symbols);
  check_name(text, symbols);
  return 0;
}
