#include "engine/http/multipart.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/http/request_plan.h"
#include "engine/http/upload_files.h"

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
  std::shared_ptr<const std::string> file;
  std::string file_name;

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

core::Error fault(std::string message) {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = std::move(message),
                     .hint = {},
                     .offset = {}};
}

// The path is named as it is written: the names of errors must not grow with the data.
core::Result<void> read_file(const script::PartTemplate& from, const expr::Scope& scope,
                             Part& part) {
  std::string path;
  from.file_path->render(scope, path);
  auto content = upload_files().read(path, from.directory);
  if (!content) {
    const bool is_missing = content.error().code == core::ErrorCode::kNotFound;
    return fault((is_missing ? "there is no file " : "cannot read the file ") +
                 from.file_path->source());
  }
  part.file = *std::move(content);
  part.file_name = path.substr(path.find_last_of('/') + 1);
  return {};
}

// Missing values are left out.
core::Result<void> render_part(const script::PartTemplate& from, const expr::Scope& scope,
                               std::vector<Part>& parts) {
  Part part{.file = from.file, .file_name = from.file_name};
  if (from.file_path) {
    if (auto read = read_file(from, scope, part); !read) return read;
  } else if (part.file == nullptr) {
    const core::Value value = from.field.value.evaluate(scope);
    if (value.is_undefined()) return {};
    core::write_text(value, part.text);
  }
  from.field.name.render(scope, part.name);
  if (from.content_type) {
    from.content_type->render(scope, part.type);
  } else if (part.file != nullptr) {
    part.type = type_of(part.file_name);
  }
  if (!is_header_value(part.type)) return fault("ERR_INVALID_CHAR");
  parts.push_back(std::move(part));
  return {};
}

std::string draw_boundary(core::Rng& rng) {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuv";
  std::string boundary = "--------------------------";
  for (int i = 0; i < 24; ++i) boundary += kLetters[rng.below(kLetters.size())];
  return boundary;
}

}  // namespace

core::Result<std::string> render_multipart(const std::vector<script::PartTemplate>& templates,
                                           const expr::Scope& scope, std::string& out) {
  std::vector<Part> parts;
  for (const script::PartTemplate& one : templates) {
    if (auto made = render_part(one, scope, parts); !made) return std::move(made).error();
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
