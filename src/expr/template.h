#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/result.h"
#include "core/symbol.h"
#include "core/value.h"
#include "expr/variables.h"

namespace slsart::expr {

// How strict compile() is about text between braces that is not a template expression
// (`{{ a + b }}`) and about `{{` that is never closed.
enum class TemplateErrors {
  kReport,    // an error: the default
  kKeepText,  // left as it stands, as the reference does (the artillery dialects)
};

// Text with slots: `/users/{{ id }}?n={{ $randomNumber(1, 9) }}`. Compiled once, rendered often;
// never changes afterwards, so threads may share it.
//
//   slot      {{ name }}  {{{ name }}}   blanks around the name do not matter
//   name      a variable, or a path into one: a.b  a[0].b  a['x-y'] (letters, digits, blanks, _ $
//   -);
//             a variable whose literal name is the whole path wins; `length` of lists and strings
//   function  {{ $randomNumber(1, 10) }}  see expr/functions.h
//
// Values are put in as they are and never searched for slots again. A missing variable is
// undefined.
class Template {
 public:
  Template() = default;  // the empty text
  // Errors: kInvalidInput with the byte offset of the fault, kNotFound for an unknown function
  // (hint: the nearest known one).
  static core::Result<Template> compile(std::string_view text, core::SymbolTable& symbols,
                                        TemplateErrors errors = TemplateErrors::kReport);

  // Without slots: source() is the text.
  bool is_static() const { return program_ == nullptr; }
  const std::string& source() const { return source_; }

  // Appends the text to `out`; allocates only when `out` has to grow or a value is a list or
  // object.
  void render(const Scope& scope, std::string& out) const;
  // A text that is exactly one slot gives the value with its type; any other gives a string.
  core::Value evaluate(const Scope& scope) const;
  // The same without a copy where the value is a variable's; `scratch` holds any other. The
  // reference is valid until a variable or `scratch` changes.
  const core::Value& peek(const Scope& scope, core::Value& scratch) const;
  // The text is exactly one slot, so evaluate() may give any type.
  bool is_lone_slot() const;
  // The roots of all variables the template reads, in text order, as often as they occur.
  std::vector<core::Symbol> variables() const;

  struct Program;  // template.cpp

 private:
  std::string source_;
  std::shared_ptr<const Program> program_;  // shared: templates are copied with their script
};

// A JSON value in whose strings and keys templates may stand (`json:` bodies, match values).
class ValueTemplate {
 public:
  struct Member;
  using List = std::vector<ValueTemplate>;
  using Object = std::vector<Member>;

  ValueTemplate();                      // undefined
  ValueTemplate(core::Value constant);  // NOLINT(*-explicit-*)
  ValueTemplate(Template text);         // NOLINT(*-explicit-*)
  ValueTemplate(List items);            // NOLINT(*-explicit-*)
  ValueTemplate(Object members);        // NOLINT(*-explicit-*)
  ValueTemplate(const ValueTemplate&);
  ValueTemplate(ValueTemplate&&) noexcept;
  ValueTemplate& operator=(const ValueTemplate&);
  ValueTemplate& operator=(ValueTemplate&&) noexcept;
  ~ValueTemplate();

  bool is_static() const;
  core::Value evaluate(const Scope& scope) const;
  // Appends compact JSON without building a Value in between; members whose value is undefined are
  // left out, undefined list elements are null, keys keep their place. Undefined itself is no text.
  void render_json(const Scope& scope, std::string& out) const;
  // The parts, for callers that walk it (form fields).
  const std::variant<core::Value, Template, List, Object>& data() const { return data_; }

 private:
  std::variant<core::Value, Template, List, Object> data_;
};

struct ValueTemplate::Member {
  Template key;
  ValueTemplate value;
};

}  // namespace slsart::expr
