#include "engine/http/multipart.h"

#include <utility>

namespace slsart::engine {
namespace {

// Quotes and line ends in names as browsers write them (HTML standard, "multipart form data").
void append_name(std::string_view name, std::string& out) {
  for (const char c : name) {
    if (c == '"')
      out += "%22";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else
      out += c;
  }
}

std::string draw_boundary(core::Rng& rng) {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuv";
  std::string boundary = "--------------------------";
  for (int i = 0; i < 24; ++i) boundary += kLetters[rng.below(kLetters.size())];
  return boundary;
}

}  // namespace

std::string render_multipart(const std::vector<script::FieldTemplate>& fields,
                             const expr::Scope& scope, std::string& out) {
  std::vector<std::pair<std::string, std::string>> parts;
  for (const script::FieldTemplate& field : fields) {
    const core::Value value = field.value.evaluate(scope);
    if (value.is_undefined()) continue;
    auto& [name, text] = parts.emplace_back();
    field.name.render(scope, name);
    core::write_text(value, text);
  }
  core::Rng fallback(0);
  core::Rng& rng = scope.rng != nullptr ? *scope.rng : fallback;
  std::string boundary = draw_boundary(rng);
  const auto clashes = [&] {
    for (const auto& [name, text] : parts) {
      if (text.find(boundary) != std::string::npos) return true;
    }
    return false;
  };
  while (clashes()) boundary = draw_boundary(rng);
  for (const auto& [name, text] : parts) {
    out += "--" + boundary + "\r\ncontent-disposition: form-data; name=\"";
    append_name(name, out);
    out += "\"\r\n\r\n" + text + "\r\n";
  }
  out += "--" + boundary + "--\r\n";
  return boundary;
}

}  // namespace slsart::engine
