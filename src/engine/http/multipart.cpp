#include "engine/http/multipart.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/http/request_plan.h"

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

struct Part {
  std::string name;
  std::string text;
  std::string type;
  const std::string* file = nullptr;
  std::string_view file_name;

  std::string_view content() const { return file != nullptr ? *file : text; }
};

// What web servers make of the usual endings.
std::string_view type_of(std::string_view file_name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kTypes{
      {{".csv", "text/csv"},
       {".gif", "image/gif"},
       {".html", "text/html"},
       {".jpeg", "image/jpeg"},
       {".jpg", "image/jpeg"},
       {".json", "application/json"},
       {".mp4", "video/mp4"},
       {".pdf", "application/pdf"},
       {".png", "image/png"},
       {".svg", "image/svg+xml"},
       {".txt", "text/plain"},
       {".webp", "image/webp"},
       {".xml", "application/xml"},
       {".zip", "application/zip"}}};
  for (const auto& [ending, type] : kTypes) {
    if (file_name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

// Missing values are left out. False: the content type would write a header of its own.
bool render_part(const script::PartTemplate& from, const expr::Scope& scope,
                 std::vector<Part>& parts) {
  Part part{.file = from.file.get(), .file_name = from.file_name};
  if (part.file == nullptr) {
    const core::Value value = from.field.value.evaluate(scope);
    if (value.is_undefined()) return true;
    core::write_text(value, part.text);
  }
  from.field.name.render(scope, part.name);
  if (from.content_type) {
    from.content_type->render(scope, part.type);
  } else if (part.file != nullptr) {
    part.type = type_of(part.file_name);
  }
  if (!is_header_value(part.type)) return false;
  parts.push_back(std::move(part));
  return true;
}

std::string draw_boundary(core::Rng& rng) {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuv";
  std::string boundary = "--------------------------";
  for (int i = 0; i < 24; ++i) boundary += kLetters[rng.below(kLetters.size())];
  return boundary;
}

}  // namespace

std::string render_multipart(const std::vector<script::PartTemplate>& templates,
                             const expr::Scope& scope, std::string& out) {
  std::vector<Part> parts;
  for (const script::PartTemplate& one : templates) {
    if (!render_part(one, scope, parts)) return {};
  }
  core::Rng fallback(0);
  core::Rng& rng = scope.rng != nullptr ? *scope.rng : fallback;
  std::string boundary = draw_boundary(rng);
  const auto clashes = [&] {
    return std::any_of(parts.begin(), parts.end(), [&](const Part& part) {
      return part.content().find(boundary) != std::string_view::npos;
    });
  };
  while (clashes()) boundary = draw_boundary(rng);
  for (const Part& part : parts) {
    out += "--" + boundary + "\r\ncontent-disposition: form-data; name=\"";
    append_name(part.name, out);
    out += '"';
    if (part.file != nullptr) {
      out += "; filename=\"";
      append_name(part.file_name, out);
      out += '"';
    }
    if (!part.type.empty()) out += "\r\ncontent-type: " + part.type;
    out += "\r\n\r\n";
    out += part.content();
    out += "\r\n";
  }
  out += "--" + boundary + "--\r\n";
  return boundary;
}

}  // namespace slsart::engine
