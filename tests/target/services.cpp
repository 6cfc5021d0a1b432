#include "services.h"

#include <optional>
#include <string>

#include "text.h"

namespace slsart::target {
namespace {

using Segments = std::span<const std::string_view>;

Answer json(std::string body, int status = 200) {
  Answer answer;
  answer.status = status;
  answer.type = "application/json";
  answer.body = std::move(body);
  return answer;
}

Answer refuse(int status, std::string_view why) {
  std::string body = "{\"error\":";
  append_json(body, why);
  return json(body + "}", status);
}

// The value of a name in `a=1&b=2`; nothing if it is not there.
std::optional<std::string> field(std::string_view form, std::string_view name) {
  for (const std::string_view part : split(form, '&')) {
    const std::size_t mark = part.find('=');
    if (mark != std::string_view::npos && part.substr(0, mark) == name)
      return decode_url(part.substr(mark + 1), Plus::kIsBlank);
  }
  return std::nullopt;
}

std::string_view at(Segments segments, std::size_t i) {
  return i < segments.size() ? segments[i] : std::string_view();
}

// A user's code says whose it is, so that nothing but the passwords must be remembered.
std::string user_code(std::string_view mail) {
  std::string body = "{\"userCode\":";
  append_json(body, "code-" + std::string(mail));
  return body + "}";
}

Answer authorize(const Visit& visit) {
  const std::string id = std::to_string(visit.connection) + "-" + std::to_string(visit.ordinal);
  Answer answer = json("", 302);
  answer.headers = "Location: /idp/interaction/" + id + "\r\nSet-Cookie: interaction=" + id +
                   "; Path=/idp/interaction/" + id + "\r\n";
  return answer;
}

// The cookie of the interaction, and the header that repeats it, prove that both were kept.
bool belongs_to(const Request& request, std::string_view interaction) {
  const std::string wanted = "interaction=" + std::string(interaction);
  return request.header("cookie").find(wanted) != std::string_view::npos &&
         request.header("x-interaction") == wanted;
}

Answer set_password(const Request& request, const Visit& visit) {
  const auto code = field(request.body, "code");
  const auto password = field(request.body, "password");
  if (!code || !code->starts_with("code-") || !password || password->empty())
    return refuse(400, "code and password are needed");
  const std::string mail = code->substr(5);
  if (!visit.tally.has_key("user " + mail)) return refuse(403, "no such user");
  visit.tally.count_key("password " + mail + " " + *password);
  return json("{\"ok\":true}");
}

Answer log_in(const Request& request, const Visit& visit) {
  const auto mail = field(request.body, "mail");
  const auto password = field(request.body, "password");
  if (!mail || !password || !visit.tally.has_key("password " + *mail + " " + *password))
    return refuse(401, "wrong name or password");
  return json("{\"ok\":true}");
}

}  // namespace

Answer answer_idp(const Request& request, const Visit& visit, Segments segments) {
  const std::string_view what = at(segments, 0);
  if (what == "auth") return authorize(visit);
  if (what == "companies") return json("[{\"id\":\"c-1\",\"name\":\"Acme\"}]");
  if (what == "users" || what == "forgot") {
    const auto mail = json_text_member(request.body, "mail");
    if (!mail || mail->empty()) return refuse(400, "a mail address is needed");
    const std::string key = "user " + *mail;
    if (what == "forgot")
      return visit.tally.has_key(key) ? json(user_code(*mail)) : refuse(404, "no such user");
    if (visit.tally.count_key(key) > 1) return refuse(409, "this name is taken");
    return json(user_code(*mail), 201);
  }
  if (what != "interaction") return refuse(404, "not found");
  if (request.method == "GET") return json("{\"interaction\":true}");
  if (!belongs_to(request, at(segments, 1))) return refuse(403, "another interaction");
  if (at(segments, 2) == "password") return set_password(request, visit);
  if (at(segments, 2) == "login") return log_in(request, visit);
  return refuse(404, "not found");
}

Answer answer_platform(const Request& request, const Visit& visit, Segments segments) {
  const std::string_view what = at(segments, 0);
  if (what == "flags") return json("{\"flags\":{\"chat\":true}}");
  if (what == "events")
    return json("{\"id\":\"" + std::string(at(segments, 1)) + "\",\"open\":true}");
  const std::string_view bearer = request.header("authorization");
  if (what == "token") {
    const bool is_signed = bearer.starts_with("Bearer ") && split(bearer, '.').size() == 3;
    if (!is_signed) return refuse(401, "a signed token is needed");
    return json("{\"data\":{\"token\":\"platform-token\"}}");
  }
  if (what == "attendees") {
    if (bearer != "Bearer platform-token") return refuse(401, "not a token of ours");
    const auto name = json_text_member(request.body, "name");
    if (!name || name->empty()) return refuse(400, "a name is needed");
    if (visit.tally.count_key("attendee " + *name) > 1) return refuse(409, "this name is taken");
    return json("{\"ok\":true}", 201);
  }
  if (what == "graphql" && json_text_member(request.body, "operationName"))
    return json("{\"data\":{\"ok\":true}}");
  return refuse(404, "not found");
}

}  // namespace slsart::target
