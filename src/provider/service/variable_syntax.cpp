#include "provider/service/variable_syntax.h"

#include <algorithm>
#include <utility>

#include "core/text.h"

namespace slsart::provider::service {
namespace {

using core::Error;
using core::ErrorCode;
using core::Result;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Recursive descent; `at_` is the next byte. Member functions return false after a fault.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  // Up to the end of the text, or to one of `ends` outside of variables.
  bool pieces(std::string_view ends, int depth, VariableText& out);
  bool is_done() const { return at_ == text_.size(); }
  Error take_error() { return std::move(error_); }

 private:
  bool variable(int depth, Variable& out);
  bool source(int depth, VariableSource& out);
  bool call(int depth, VariableSource& out);
  bool literal(VariableSource& out);
  bool quoted_literal(VariableSource& out);
  bool starts_variable() const;
  std::size_t name_end(std::size_t from) const;
  void skip_blanks();
  bool fail(std::size_t offset, std::string message, std::string hint = {});

  std::string_view text_;
  std::size_t at_ = 0;
  Error error_;
};

bool Parser::fail(std::size_t offset, std::string message, std::string hint) {
  error_ = {ErrorCode::kInvalidInput, std::move(message), std::move(hint), offset};
  return false;
}

void Parser::skip_blanks() {
  while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
    ++at_;
}

std::size_t Parser::name_end(std::size_t from) const {
  while (from < text_.size() && is_name_character(text_[from])) ++from;
  return from;
}

// Behind "${": a name with "(" or ":" (not "::") behind it, a quote, or another variable.
bool Parser::starts_variable() const {
  std::size_t next = text_.find_first_not_of(" \t\r\n", at_ + 2);
  if (next == std::string_view::npos) return false;
  if (text_[next] == '\'' || text_.substr(next).starts_with("${")) return true;
  const std::size_t end = name_end(next);
  if (end == next || end == text_.size()) return false;
  return text_[end] == '(' || (text_[end] == ':' && !text_.substr(end).starts_with("::"));
}

bool Parser::pieces(std::string_view ends, int depth, VariableText& out) {
  std::string plain;
  std::size_t plain_from = at_;
  const auto flush = [&] {
    if (!plain.empty())
      out.push_back({.text = std::move(plain), .variable = {}, .offset = plain_from});
    plain.clear();
  };
  while (at_ < text_.size() && ends.find(text_[at_]) == std::string_view::npos) {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("\\${")) {
      plain += "${";
      at_ += 3;
    } else if (rest.starts_with("${") && starts_variable()) {
      flush();
      Variable found;
      const std::size_t from = at_;
      if (!variable(depth, found)) return false;
      out.push_back({.text = {}, .variable = std::move(found), .offset = from});
      plain_from = at_;
    } else {
      plain += text_[at_++];
    }
  }
  flush();
  return true;
}

bool Parser::variable(int depth, Variable& out) {
  const std::size_t from = at_;
  if (depth >= kDeepestVariable) {
    return fail(from, "variables are nested deeper than " + std::to_string(kDeepestVariable));
  }
  at_ += 2;
  for (;;) {
    skip_blanks();
    if (!source(depth + 1, out.sources.emplace_back())) return false;
    skip_blanks();
    if (at_ == text_.size()) {
      return fail(from, "this variable has no end", "it ends with }");
    }
    const char next = text_[at_++];
    if (next == '}') break;
    if (next != ',') {
      return fail(at_ - 1, "a variable goes on with , or ends with } here");
    }
  }
  out.written = text_.substr(from, at_ - from);
  return true;
}

bool Parser::source(int depth, VariableSource& out) {
  out.offset = at_;
  const std::string_view rest = text_.substr(at_);
  if (rest.starts_with("${")) {
    Variable inner;
    if (!variable(depth, inner)) return false;
    out.nested.push_back({.text = {}, .variable = std::move(inner), .offset = out.offset});
    return true;
  }
  if (rest.starts_with("'") || rest.starts_with("\"")) return quoted_literal(out);
  const std::size_t end = name_end(at_);
  const bool is_call = end > at_ && end < text_.size() && (text_[end] == '(' || text_[end] == ':');
  return is_call ? call(depth, out) : literal(out);
}

bool Parser::call(int depth, VariableSource& out) {
  const std::size_t end = name_end(at_);
  out.type = text_.substr(at_, end - at_);
  at_ = end;
  if (text_[at_] == '(') {
    const std::size_t open = at_++;
    if (!pieces(")", depth, out.parameter)) return false;
    if (at_ == text_.size()) return fail(open, "this bracket is never closed");
    ++at_;
  }
  if (at_ < text_.size() && text_[at_] == ':') {
    ++at_;
    skip_blanks();
    if (!pieces(",}", depth, out.address)) return false;
    if (!out.address.empty()) {  // blanks before the comma are none of it
      std::string& last = out.address.back().text;
      while (!last.empty() && (last.back() == ' ' || last.back() == '\t')) last.pop_back();
    }
  }
  return true;
}

bool Parser::quoted_literal(VariableSource& out) {
  const std::size_t from = at_;
  const std::size_t end = text_.find(text_[from], from + 1);
  if (end == std::string_view::npos) return fail(from, "this quote is never closed");
  out.literal = text_.substr(from + 1, end - from - 1);
  at_ = end + 1;
  return true;
}

bool Parser::literal(VariableSource& out) {
  const std::size_t from = at_;
  const std::size_t end = std::min(text_.find_first_of(",}", at_), text_.size());
  const std::string_view word = core::trim(text_.substr(from, end - from));
  at_ = end;
  if (word == "true" || word == "false") {
    out.literal = word == "true";
  } else if (word == "null") {
    out.literal = core::Value::Null{};
  } else if (const auto integer = core::parse_integer(word)) {
    out.literal = *integer;
  } else if (const auto number = core::parse_number(word)) {
    out.literal = *number;
  } else {
    return fail(from, "\"" + std::string(word.substr(0, 60)) + "\" is no source of a value",
                "a text stands in quotes: 'dev'");
  }
  return true;
}

}  // namespace

bool has_variables(std::string_view text) {
  return text.find("${") != std::string_view::npos;
}

Result<VariableText> parse_variables(std::string_view text) {
  Parser parser(text);
  VariableText pieces;
  if (!parser.pieces({}, 0, pieces)) return parser.take_error();
  return pieces;
}

}  // namespace slsart::provider::service
