// Hot path: see architecture §9
#include "engine/http/request_plan.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.h"
#include "engine/http/multipart.h"

namespace slsart::engine {
namespace {

constexpr std::string_view kUserAgent = "Artillery (https://artillery.io)";
constexpr std::string_view kEncodings = "gzip, deflate, br, zstd";

core::Error invalid_url(std::string_view url) {
  return core::Error{.code = core::ErrorCode::kInvalidInput,
                     .message = "Invalid URL - " + std::string(url.substr(0, 500)),
                     .hint = {},
                     .offset = {}};
}

// Bytes that may stand in a request target as they are; anything else takes the slow way by
// parse_url.
bool is_plain_target(std::string_view text) {
  if (text.find("/.") != std::string_view::npos) return false;  // dot segments are resolved
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '#' && c != '`' &&
           c != '{' && c != '}' && c != '\\';
  });
}

// The text is one placeholder and nothing else, and there is no such value.
bool is_missing(const expr::Template& text, const expr::Scope& scope) {
  if (!text.is_lone_slot()) return false;
  core::Value scratch;
  return text.peek(scope, scratch).is_undefined();
}

void append_number(std::uint64_t number, std::string& out) {
  std::array<char, 24> digits{};
  out.append(digits.data(),
             std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_unique(const std::vector<core::Symbol>& more, std::vector<core::Symbol>& all) {
  for (const core::Symbol name : more) {
    if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(name);
  }
}

void collect_variables(const expr::ValueTemplate& value, std::vector<core::Symbol>& out) {
  if (const auto* text = std::get_if<expr::Template>(&value.data()))
    append_unique(text->variables(), out);
  if (const auto* list = std::get_if<expr::ValueTemplate::List>(&value.data())) {
    for (const auto& item : *list) collect_variables(item, out);
  }
  if (const auto* object = std::get_if<expr::ValueTemplate::Object>(&value.data())) {
    for (const auto& member : *object) {
      append_unique(member.key.variables(), out);
      collect_variables(member.value, out);
    }
  }
}

void collect_variables(const std::vector<script::FieldTemplate>& fields,
                       std::vector<core::Symbol>& out) {
  for (const auto& field : fields) {
    append_unique(field.name.variables(), out);
    collect_variables(field.value, out);
  }
}

bool has_slots(const std::vector<script::FieldTemplate>& fields) {
  return std::any_of(fields.begin(), fields.end(), [](const script::FieldTemplate& field) {
    return !field.name.is_static() || !field.value.is_static();
  });
}

// The methods that are expected to carry a body say so when it is empty (RFC 9110 §8.6).
bool announces_empty_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

// W3C Trace Context: 00-<trace id>-<parent id>-<flags>
void append_traceparent(const script::Tracing& tracing, core::Rng& rng, std::string& headers) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::size_t kTraceDigits = 32;
  constexpr std::size_t kParentDigits = 16;
  headers += "traceparent: 00-";
  headers += tracing.prefix;
  for (std::size_t i = tracing.prefix.size(); i < kTraceDigits; ++i) headers += kHex[rng.below(16)];
  headers += '-';
  for (std::size_t i = 0; i < kParentDigits; ++i) headers += kHex[rng.below(16)];
  headers += tracing.sampled ? "-01\r\n" : "-00\r\n";
}

// What null is in a query (nothing, as in both generations) and in a form (its name).
enum class NullText { kEmpty, kNull };

void append_form_field(std::string_view name, const core::Value& value, NullText null,
                       std::string& text, std::string& out) {
  if (value.is_undefined()) return;
  if (value.is_list()) {
    for (const core::Value& item : value.as_list()) append_form_field(name, item, null, text, out);
    return;
  }
  if (!out.empty() && out.back() != '?') out += '&';
  core::append_form_encoded(name, out);
  out += '=';
  text.clear();
  if (!value.is_null() || null == NullText::kNull) core::write_text(value, text);
  core::append_form_encoded(text, out);
}

// Form encoding writes blanks as '+'; a '+' of the text itself is %2B there.
void spell_blanks(script::FormBlank how, std::string& encoded) {
  if (how == script::FormBlank::kPlus) return;
  for (std::size_t at = encoded.find('+'); at != std::string::npos; at = encoded.find('+', at)) {
    encoded.replace(at, 1, "%20");
  }
}

void render_fields(const std::vector<script::FieldTemplate>& fields, const expr::Scope& scope,
                   NullText null, std::string& out) {
  std::string name;
  std::string text;
  for (const script::FieldTemplate& field : fields) {
    name.clear();
    field.name.render(scope, name);
    append_form_field(name, field.value.evaluate(scope), null, text, out);
  }
}

}  // namespace

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const auto [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
      if (error == std::errc() && end == text.data() + i + 3) {
        out += static_cast<char>(byte);
        i += 2;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

void render_form(const std::vector<script::FieldTemplate>& fields, const expr::Scope& scope,
                 std::string& out) {
  render_fields(fields, scope, NullText::kNull, out);
}

RequestPlan::RequestPlan(const script::Script& script, const script::HttpStep& step,
                         std::uint32_t number)
    : script_(script), step_(step), number_(number) {
  const script::Config& config = script.config;
  if (auto target = protocol::parse_url(config.target)) {
    target_ = std::move(*target);
    // Plain concatenation, as the reference does: a trailing slash of the target stays. parse_url
    // makes
    // "/" of an empty path, which was not written.
    base_path_ = target_->target;
    const bool bare = config.target.find('/', config.target.find("//") + 2) == std::string::npos;
    if (bare) base_path_.clear();
  }
  merge_headers(config.http);
  note_variables();
  for (const auto& capture : step.captures) {
    needs_body_ |= capture.from.needs_body();
    needs_headers_ |= capture.from.needs_headers();
  }
  for (const auto& match : step.matches) {
    needs_body_ |= match.from.needs_body();
    needs_headers_ |= match.from.needs_headers();
  }
  // Where failures are shown with their exchange, all of the answer is wanted.
  using script::ExpectFormat;
  const ExpectFormat format = script.config.expect.format;
  const bool shows = format != ExpectFormat::kSilent && format != ExpectFormat::kJson;
  for (const auto& expectation : step.expectations) {
    needs_body_ |= shows || expectation.needs_body();
    needs_headers_ |= shows || expectation.needs_headers();
  }
  has_cookies_ = !step.cookies.empty() || !config.http.default_cookies.empty();
  timeout_ = step.timeout.value_or(config.http.timeout.value_or(script.dialect.default_timeout));
  if (!has_slots() && render({}, static_parts_)) write_head(static_parts_, {}, static_head_);
}

bool RequestPlan::names_header(std::string_view name) const {
  return std::any_of(headers_.begin(), headers_.end(),
                     [&](const HeaderPiece& piece) { return piece.name == name; });
}

void RequestPlan::set_hooks(const RequestHooks& hooks) {
  hooks_ = hooks;
  if (hooks.after == RequestHooks::kNone) return;
  needs_body_ = true;
  needs_headers_ = true;
}

void RequestPlan::add_header_unless_named(std::string_view name, std::string_view value,
                                          bool is_body_type) {
  if (names_header(name)) return;
  core::SymbolTable none;
  auto text = expr::Template::compile(value, none);
  SLSART_CHECK(text.has_value());
  headers_.push_back({std::string(name), std::move(*text), is_body_type});
}

// Later headers replace earlier ones of the same name in their place; names go out in lower case.
void RequestPlan::merge_headers(const script::HttpConfig& http) {
  const auto put = [this](const script::HeaderTemplate& header) {
    const std::string name = core::to_lower(header.name);
    // These two say how the body is framed, which is ours to know.
    if (name == "content-length" || name == "transfer-encoding") return;
    const auto known = std::find_if(headers_.begin(), headers_.end(),
                                    [&](const HeaderPiece& piece) { return piece.name == name; });
    if (header.is_further) {
      headers_.push_back({name, header.value});
    } else if (known == headers_.end()) {
      headers_.push_back({name, header.value});
    } else {
      known->value = header.value;
      // A list of values that stood there before is replaced as a whole.
      headers_.erase(std::remove_if(known + 1, headers_.end(),
                                    [&](const HeaderPiece& piece) { return piece.name == name; }),
                     headers_.end());
    }
  };
  for (const auto& header : http.default_headers) put(header);
  for (const auto& header : step_.headers) put(header);
  // Servers then close first, and the port that waits for stragglers is theirs.
  if (http.connections == script::Connections::kPerRequest)
    add_header_unless_named("connection", "close");
  const std::string_view user_agent =
      http.default_headers.empty() ? kUserAgent : script_.dialect.user_agent_beside_defaults;
  if (!user_agent.empty()) add_header_unless_named("user-agent", user_agent);
  if (step_.gzip.value_or(script_.dialect.decode_by_default))
    add_header_unless_named("accept-encoding", kEncodings);
  if (std::holds_alternative<script::JsonBody>(step_.body))
    add_header_unless_named("content-type", "application/json", true);
  if (std::holds_alternative<script::FormBody>(step_.body)) {
    add_header_unless_named("content-type", "application/x-www-form-urlencoded", true);
  }
}

void RequestPlan::note_variables() {
  append_unique(step_.url.variables(), variables_);
  collect_variables(step_.query, variables_);
  collect_variables(step_.cookies, variables_);
  for (const HeaderPiece& piece : headers_) append_unique(piece.value.variables(), variables_);
  collect_variables(script_.config.http.default_cookies, variables_);
  if (step_.auth) {
    append_unique(step_.auth->user.variables(), variables_);
    append_unique(step_.auth->password.variables(), variables_);
  }
  for (const auto& capture : step_.captures) append_unique(capture.from.variables(), variables_);
  for (const auto& match : step_.matches) {
    append_unique(match.from.variables(), variables_);
    collect_variables(match.value, variables_);
  }
  for (const auto& expectation : step_.expectations)
    collect_variables(expectation.value(), variables_);
  if (const auto* json = std::get_if<script::JsonBody>(&step_.body))
    collect_variables(json->value, variables_);
  if (const auto* text = std::get_if<script::TextBody>(&step_.body))
    append_unique(text->text.variables(), variables_);
  if (const auto* form = std::get_if<script::FormBody>(&step_.body))
    collect_variables(form->fields, variables_);
  if (const auto* form = std::get_if<script::MultipartBody>(&step_.body)) {
    for (const script::PartTemplate& part : form->parts) {
      collect_variables({part.field}, variables_);
      if (part.content_type) append_unique(part.content_type->variables(), variables_);
      if (part.file_path) append_unique(part.file_path->variables(), variables_);
    }
  }
}

bool RequestPlan::has_slots() const {
  const auto dynamic = [](const HeaderPiece& piece) { return !piece.value.is_static(); };
  if (!step_.url.is_static() || std::any_of(headers_.begin(), headers_.end(), dynamic)) return true;
  if (engine::has_slots(step_.query) || has_cookies_) return true;
  if (script_.config.http.tracing) return true;  // its ids are drawn
  if (step_.auth && (!step_.auth->user.is_static() || !step_.auth->password.is_static()))
    return true;
  if (const auto* json = std::get_if<script::JsonBody>(&step_.body))
    return !json->value.is_static();
  if (const auto* text = std::get_if<script::TextBody>(&step_.body)) return !text->text.is_static();
  if (const auto* form = std::get_if<script::FormBody>(&step_.body))
    return engine::has_slots(form->fields);
  return std::holds_alternative<script::MultipartBody>(step_.body);  // its boundary is drawn
}

core::Result<void> RequestPlan::render(const expr::Scope& scope, RequestParts& parts,
                                       const RequestEdits* edits) const {
  parts.method = edits != nullptr && edits->method ? *edits->method : step_.method;
  if (auto done = render_url(scope, parts, edits); !done) return done;
  parts.headers.clear();
  parts.cookie.clear();
  parts.names_host = false;
  if (auto made = render_body(scope, parts, edits); !made) return made;
  if (script_.config.http.tracing && scope.rng != nullptr)
    append_traceparent(*script_.config.http.tracing, *scope.rng, parts.headers);
  return render_headers(scope, parts, edits);
}

core::Result<void> RequestPlan::render_url(const expr::Scope& scope, RequestParts& parts,
                                           const RequestEdits* edits) const {
  std::string& text = parts.scratch;
  text.clear();
  if (edits != nullptr && edits->url) {
    text = *edits->url;
  } else {
    step_.url.render(scope, text);
  }
  const bool has_query = edits != nullptr && edits->query;
  if (has_query || !step_.query.empty()) {
    const std::size_t fragment = text.find('#');
    if (fragment != std::string::npos) text.resize(fragment);
    const std::size_t question = text.find('?');
    if (question != std::string::npos &&
        script_.dialect.query_merge == script::QueryMerge::kReplaced) {
      text.resize(question);
    }
    std::string query;
    if (has_query) {
      std::string scratch;
      for (const auto& [name, value] : *edits->query)
        append_form_field(name, core::Value(value), NullText::kEmpty, scratch, query);
    } else {
      render_fields(step_.query, scope, NullText::kEmpty, query);
    }
    spell_blanks(script_.dialect.form_blank, query);
    if (!query.empty()) text += (text.find('?') == std::string::npos ? '?' : '&') + query;
  }
  parts.on_target = text.starts_with('/');
  if (parts.on_target) {
    if (!target_) return invalid_url(text);
    if (is_plain_target(text)) {
      parts.url.origin = target_->origin;
      parts.url.user_info = target_->user_info;
      parts.url.target.assign(base_path_).append(text);
      return {};
    }
    text.insert(0, script_.config.target);
  }
  if (!text.starts_with("http")) return invalid_url(text);
  auto url = protocol::parse_url(text);
  if (!url) return invalid_url(text);
  parts.url = std::move(*url);
  return {};
}

// False: a header was refused.
core::Result<bool> RequestPlan::render_edited_headers(const RequestEdits& edits,
                                                      RequestParts& parts) const {
  bool names_type = !edits.has_body || edits.content_type.empty();
  for (const auto& [name, value] : edits.headers) {
    if (name == "content-length" || name == "transfer-encoding") continue;
    names_type |= name == "content-type";
    if (!value) continue;
    if (!is_header_value(*value) || !is_header_name(name)) return invalid_header_value();
    if (name == "cookie") {
      parts.cookie = *value;
      continue;
    }
    if (name == "host") parts.names_host = true;
    parts.headers.append(name).append(": ").append(*value).append("\r\n");
  }
  return names_type;
}

void RequestPlan::render_credentials(const expr::Scope& scope, RequestParts& parts,
                                     const RequestEdits* edits) const {
  const bool has_edited = edits != nullptr && edits->credentials;
  const bool has_own = has_edited ? !edits->credentials->empty() : step_.auth.has_value();
  const bool is_named =
      names_header("authorization") || (edits != nullptr && edits->names("authorization"));
  if (!has_own && (parts.url.user_info.empty() || is_named)) return;
  std::string credentials = percent_decoded(parts.url.user_info);
  if (has_own) {
    credentials.clear();
    if (has_edited) {
      credentials = edits->credentials->front() + ":" + edits->credentials->back();
    } else {
      step_.auth->user.render(scope, credentials);
      credentials += ':';
      step_.auth->password.render(scope, credentials);
    }
  }
  parts.headers += "authorization: Basic " + core::to_base64(credentials) + "\r\n";
}

core::Result<void> RequestPlan::render_headers(const expr::Scope& scope, RequestParts& parts,
                                               const RequestEdits* edits) const {
  std::string& out = parts.headers;
  bool names_type = true;
  if (edits != nullptr) {
    auto edited = render_edited_headers(*edits, parts);
    if (!edited) return std::move(edited).error();
    names_type = *edited;
  }
  for (const HeaderPiece& piece : headers_) {
    const std::size_t begin = out.size();
    if (edits != nullptr) {
      if (edits->names(piece.name)) continue;
      if (piece.is_body_type && edits->has_body) continue;
      if (piece.name == "content-type") names_type = true;
    }
    if (piece.name == "cookie") {
      piece.value.render(scope, parts.cookie);
      if (!is_header_value(parts.cookie)) break;
      continue;
    }
    // A header whose whole value is missing is left out.
    if (is_missing(piece.value, scope)) continue;
    // The step's credentials are nearer than a header, which may come from the defaults.
    if (step_.auth && piece.name == "authorization") continue;
    out += piece.name;
    out += ": ";
    const std::size_t value = out.size();
    piece.value.render(scope, out);
    if (!is_header_value(std::string_view(out).substr(value))) {
      return invalid_header_value();
    }
    out += "\r\n";
    if (piece.name == "host") parts.names_host = true;
    // An empty content-type of the step means: none at all.
    if (piece.name == "content-type" && out.size() == value + 2) out.resize(begin);
  }
  if (!is_header_value(parts.cookie)) return invalid_header_value();
  if (!names_type && edits->body) out += "content-type: " + edits->content_type + "\r\n";
  render_credentials(scope, parts, edits);
  return {};
}

core::Result<void> RequestPlan::render_body(const expr::Scope& scope, RequestParts& parts,
                                            const RequestEdits* edits) const {
  parts.body.clear();
  parts.has_body = announces_empty_body(parts.method);
  if (edits != nullptr && edits->has_body) {
    if (edits->body) parts.body = *edits->body;
    parts.has_body = parts.has_body || !parts.body.empty();
    return {};
  }
  if (const auto* json = std::get_if<script::JsonBody>(&step_.body)) {
    const bool is_text = std::holds_alternative<expr::Template>(json->value.data()) ||
                         std::holds_alternative<core::Value>(json->value.data());
    if (is_text) {
      const core::Value value = json->value.evaluate(scope);
      if (value.is_undefined()) return {};
      const bool sends_falsy = script_.dialect.falsy_json == script::FalsyJson::kSent;
      if (!sends_falsy && !value.is_truthy()) return {};
    }
    json->value.render_json(scope, parts.body);
  } else if (const auto* text = std::get_if<script::TextBody>(&step_.body)) {
    if (!is_missing(text->text, scope)) text->text.render(scope, parts.body);
  } else if (const auto* form = std::get_if<script::FormBody>(&step_.body)) {
    render_form(form->fields, scope, parts.body);
    spell_blanks(script_.dialect.form_blank, parts.body);
  } else if (const auto* multipart = std::get_if<script::MultipartBody>(&step_.body)) {
    const auto boundary = render_multipart(multipart->parts, scope, parts.body);
    if (!boundary) return boundary.error();
    if (!names_header("content-type")) {
      parts.headers += "content-type: multipart/form-data; boundary=" + *boundary + "\r\n";
    }
  } else {
    return {};
  }
  parts.has_body = parts.has_body || !parts.body.empty();
  return {};
}

void write_head(const RequestParts& parts, std::string_view jar_cookies, std::string& head) {
  head += parts.method;
  head += ' ';
  head += parts.url.target;
  head += " HTTP/1.1\r\n";
  if (!parts.names_host) {
    head += "host: ";
    const protocol::Origin& origin = parts.url.origin;
    const bool is_v6 = origin.host.find(':') != std::string::npos;
    if (is_v6) head += '[';
    head += origin.host;
    if (is_v6) head += ']';
    if (origin.port != (origin.scheme == protocol::Scheme::kHttp ? 80 : 443)) {
      head += ':';
      append_number(origin.port, head);
    }
    head += "\r\n";
  }
  head += parts.headers;
  if (!parts.cookie.empty() || !jar_cookies.empty()) {
    head += "cookie: ";
    head += parts.cookie;
    if (!parts.cookie.empty() && !jar_cookies.empty()) head += "; ";
    head += jar_cookies;
    head += "\r\n";
  }
  if (parts.has_body) {
    head += "content-length: ";
    append_number(parts.body.size(), head);
    head += "\r\n";
  }
  head += "\r\n";
}

}  // namespace slsart::engine
