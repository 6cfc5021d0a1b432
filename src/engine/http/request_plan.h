// Hot path: see architecture §9
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/result.h"
#include "engine/http/request_edits.h"
#include "expr/template.h"
#include "protocol/url.h"
#include "script/script.h"

namespace slsart::engine {

// One request as rendered for one visit; the strings are reused from request to request.
struct RequestParts {
  std::string method;
  protocol::Url url;
  bool on_target = false;   // url.origin is the origin of config.target
  bool names_host = false;  // the headers hold a Host of the script's own
  std::string headers;      // "name: value\r\n" lines but Host, Cookie and Content-Length
  std::string cookie;       // value of the Cookie header that the step itself names
  std::string body;
  bool has_body = false;  // a Content-Length is sent
  std::string scratch;
};

// Where functions of the processor are called for a request: numbers of Program::hook_points.
struct RequestHooks {
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::uint32_t before = kNone;
  std::uint32_t after = kNone;
  std::uint32_t error = kNone;
};

// What a URL's percent escapes stand for (RFC 3986 §2.1); a '%' without two digits stays.
std::string percent_decoded(std::string_view text);

// An HTTP step made ready for rendering: headers merged with the defaults, constant parts rendered
// once. Never changes once made; shared by all workers.
class RequestPlan {
 public:
  // Requires: script and step outlive the plan. `number` counts the HTTP steps of the script.
  RequestPlan(const script::Script& script, const script::HttpStep& step, std::uint32_t number);

  const script::HttpStep& step() const { return step_; }
  std::uint32_t number() const { return number_; }
  // Every variable that rendering may read.
  const std::vector<core::Symbol>& variables() const { return variables_; }
  bool needs_body() const { return needs_body_; }  // a capture or match looks at it
  bool needs_headers() const { return needs_headers_; }
  core::Duration timeout() const { return timeout_; }
  // Cookies of the step or the defaults; they go by way of the user's jar.
  bool has_cookies() const { return has_cookies_; }

  void set_hooks(const RequestHooks& hooks);
  const RequestHooks& hooks() const { return hooks_; }

  // A request without slots, rendered when the plan was made; empty head: it has slots. The head
  // lacks only a Cookie header, so it serves users without cookies.
  bool is_static() const { return !static_head_.empty(); }
  std::string_view static_head() const { return static_head_; }
  const RequestParts& static_parts() const { return static_parts_; }

  // Renders into `parts`. Errors, with the reference's wording as message: "Invalid URL - <url>",
  // "ERR_INVALID_CHAR" for a line end in a header.
  core::Result<void> render(const expr::Scope& scope, RequestParts& parts,
                            const RequestEdits* edits = nullptr) const;

 private:
  struct HeaderPiece {
    std::string name;  // lower case
    expr::Template value;
    bool is_body_type = false;  // a content-type that only says what kind of body the step has
  };
  void merge_headers(const script::HttpConfig& http);
  void add_header_unless_named(std::string_view name, std::string_view value,
                               bool is_body_type = false);
  bool names_header(std::string_view name) const;
  void note_variables();
  bool has_slots() const;
  core::Result<void> render_url(const expr::Scope& scope, RequestParts& parts,
                                const RequestEdits* edits) const;
  core::Result<void> render_headers(const expr::Scope& scope, RequestParts& parts,
                                    const RequestEdits* edits) const;
  core::Result<bool> render_edited_headers(const RequestEdits& edits, RequestParts& parts) const;
  void render_credentials(const expr::Scope& scope, RequestParts& parts,
                          const RequestEdits* edits) const;
  core::Result<void> render_body(const expr::Scope& scope, RequestParts& parts,
                                 const RequestEdits* edits) const;

  const script::Script& script_;
  const script::HttpStep& step_;
  std::uint32_t number_;
  std::optional<protocol::Url> target_;  // config.target; nothing when it is none
  std::string base_path_;                // path of the target, put before urls that start with '/'
  std::vector<HeaderPiece> headers_;
  std::vector<core::Symbol> variables_;
  bool needs_body_ = false;
  bool needs_headers_ = false;
  bool has_cookies_ = false;
  RequestHooks hooks_;
  core::Duration timeout_{};
  RequestParts static_parts_;
  std::string static_head_;
};

// Appends request line, headers and blank line. `jar_cookies` is "a=1; b=2" or empty.
void write_head(const RequestParts& parts, std::string_view jar_cookies, std::string& head);

// Renders fields as application/x-www-form-urlencoded; a list gives its name once for each element.
void render_form(const std::vector<script::FieldTemplate>& fields, const expr::Scope& scope,
                 std::string& out);

}  // namespace slsart::engine
