#include <algorithm>
#include <memory>

#include "core/text.h"
#include "script/detail/build.h"
#include "script/detail/value_types.h"

namespace slsart::script::detail {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

std::optional<FieldTemplate> build_field(const Entry& entry, Building& building) {
  Node one = make_map(entry.key_span);
  one.entries.push_back(entry);
  std::vector<FieldTemplate> fields = build_fields(&one, building);
  return fields.empty() ? std::nullopt : std::optional(std::move(fields.front()));
}

// The content of a file to upload; null after an error.
std::shared_ptr<const std::string> read_upload(const Node& path, Building& building) {
  constexpr std::size_t kLargest = 64u << 20;
  if (!path.is_scalar() || path.is_nothing()) {
    building.report.error("wrong-value", path.span, "\"fromFile\" must be the path of a file",
                          "for example fromFile: ./cat.png");
    return nullptr;
  }
  auto content = core::read_file(resolve_path(path.text(), building), kLargest);
  if (content) return std::make_shared<const std::string>(*std::move(content));
  building.report.error("file", path.span, "cannot read the file: " + content.error().message,
                        "looked in the folder of the script, " + building.options.directory +
                            ", and in the working directory");
  return nullptr;
}

// A part of a form may be a map { value, contentType } or { fromFile, contentType }.
std::optional<PartTemplate> build_part(const Entry& entry, Building& building) {
  const Entry* const file = entry.value.entry("fromFile");
  const Entry* const value = entry.value.entry("value");
  PartTemplate part;
  if (entry.value.is_map() && !file && !value) {
    building.report.error("missing-key", entry.value.span,
                          "a form field needs a \"value\" or \"fromFile\"");
    return std::nullopt;
  }
  if (const Entry* type = entry.value.entry("contentType"))
    part.content_type = build_template(type->value, building);
  Entry field{.key = entry.key, .key_span = entry.key_span, .value = entry.value};
  if (file && file->value.is_scalar() && has_slot(file->value)) {
    part.file_path = build_template(file->value, building);
    part.directory = building.options.directory;
    field.value = make_scalar(core::Value(""), file->key_span);
  } else if (file) {
    part.file = read_upload(file->value, building);
    if (!part.file) return std::nullopt;
    const std::string path = file->value.text();
    part.file_name = path.substr(path.find_last_of('/') + 1);
    field.value = make_scalar(core::Value(part.file_name), file->key_span);
  } else if (value) {
    field.value = value->value;
  }
  auto built = build_field(field, building);
  if (!built) return std::nullopt;
  part.field = *std::move(built);
  return part;
}

std::vector<PartTemplate> build_parts(const Node& map, Building& building) {
  std::vector<PartTemplate> parts;
  for (const Entry& entry : map.entries) {
    if (auto part = build_part(entry, building)) parts.push_back(*std::move(part));
  }
  return parts;
}

// json wins over body, body over form, form over formData (reference/artillery-script.md §7). In
// 1.x a falsy json value is not sent.
Body build_body(const Fields& fields, Building& building) {
  if (const Node* json = fields.find("json")) {
    const bool leaves_out = building.dialect.falsy_json == FalsyJson::kLeftOut;
    if (leaves_out && json->is_scalar() && !json->scalar.is_truthy()) {
      building.report.warning("empty-json", json->span,
                              "an empty json value is not sent, as in artillery 1");
      return NoBody{};
    }
    return JsonBody{.value = build_value(*json, building)};
  }
  if (const Node* body = fields.find("body"))
    return TextBody{.text = build_template(*body, building)};
  if (const Node* form = fields.find("form")) {
    return FormBody{.fields = build_fields(form, building)};
  }
  if (const Node* form = fields.find("formData")) {
    return MultipartBody{.parts = build_parts(*form, building)};
  }
  return NoBody{};
}

std::optional<BasicAuth> build_auth(const Fields& auth, Building& building) {
  const Node* user = auth.find("user");
  if (!user) user = auth.find("username");
  const Node* password = auth.find("pass");
  if (!password) password = auth.find("password");
  if (!user) return std::nullopt;
  return BasicAuth{.user = build_template(*user, building),
                   .password = password ? build_template(*password, building) : expr::Template()};
}

expr::Template build_url(const Fields& fields, Building& building) {
  const Node* url = fields.find("url");
  if (!url) url = fields.find("uri");
  if (!url) return {};
  if (url->text().starts_with('/') && !building.relative_url.source) {
    building.relative_url = url->span;
  }
  return build_template(*url, building);
}

}  // namespace

HttpStep build_request(const Node& map, std::string_view method, const core::Span& span,
                       Building& building) {
  const Fields fields(&map);
  HttpStep step;
  step.method = upper(method);
  step.span = span;
  step.url = build_url(fields, building);
  if (const Node* name = fields.find("name")) step.name = build_template(*name, building);
  step.query = build_fields(fields.find("qs"), building);
  step.headers = build_headers(fields.find("headers"), building);
  step.cookies = build_fields(fields.find("cookie"), building);
  step.body = build_body(fields, building);
  step.auth = build_auth(fields.section("auth"), building);
  step.follow_redirect = fields.boolean("followRedirect").value_or(true);
  step.gzip = fields.boolean("gzip");
  step.timeout = fields.duration("timeout");
  step.continue_on_error = fields.boolean("continueOnError").value_or(building.continue_on_error);
  step.captures = build_captures(fields.find("capture"), building);
  step.matches = build_matches(fields.find("match"), building);
  step.before_request = build_hooks(fields.find("beforeRequest"), building);
  step.after_response = build_hooks(fields.find("afterResponse"), building);
  if (building.has_processor) step.written = to_value(map);
  step.expectations = build_expectations(fields.find("expect"), building);
  return step;
}

}  // namespace slsart::script::detail
