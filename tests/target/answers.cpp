#include "answers.h"

#include <algorithm>
#include <array>
#include <span>

#include "services.h"
#include "text.h"

namespace slsart::target {
namespace {

using Arguments = std::span<const std::string_view>;  // the segments after the first

constexpr std::uint64_t kMaxBodyBytes = 256ULL * 1024 * 1024;

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

Answer text(std::string body, int status = 200) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

Answer json(std::string body, int status = 200) {
  Answer answer = text(std::move(body), status);
  answer.type = "application/json";
  return answer;
}

Answer not_found() {
  return text("not found", 404);
}
Answer bad_argument() {
  return text("bad argument", 400);
}

std::string_view at(Arguments arguments, std::size_t index) {
  return index < arguments.size() ? arguments[index] : std::string_view();
}

std::vector<std::pair<std::string, std::string>> read_cookies(const Request& request) {
  std::vector<std::pair<std::string, std::string>> cookies;
  for (const std::string_view part : split(request.header("cookie"), ';')) {
    const std::string_view cookie = trim(part);
    const auto mark = cookie.find('=');
    if (mark != std::string_view::npos)
      cookies.emplace_back(cookie.substr(0, mark), cookie.substr(mark + 1));
  }
  return cookies;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// {"name":"value"}; names that repeat get a list, as Node's querystring does.
void append_object(std::string& out, const Pairs& pairs) {
  out += '{';
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto same_name = [&](const auto& pair) { return pair.first == pairs[i].first; };
    const auto self = pairs.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(pairs.begin(), self, same_name)) continue;
    if (out.back() != '{') out += ',';
    append_json(out, pairs[i].first);
    out += ':';
    const bool is_list = std::count_if(self, pairs.end(), same_name) > 1;
    if (is_list) out += '[';
    for (bool first = true; const auto& pair : pairs) {
      if (!same_name(pair)) continue;
      if (!first) out += ',';
      first = false;
      append_json(out, pair.second);
    }
    if (is_list) out += ']';
  }
  out += '}';
}

Pairs read_query(const Request& request) {
  Pairs pairs;
  if (request.query.empty()) return pairs;
  for (const std::string_view part : split(request.query, '&')) {
    const auto mark = part.find('=');
    pairs.emplace_back(
        decode_url(part.substr(0, mark), Plus::kIsBlank),
        mark == std::string_view::npos ? "" : decode_url(part.substr(mark + 1), Plus::kIsBlank));
  }
  return pairs;
}

Pairs lower_case_headers(const Request& request) {
  Pairs pairs;
  for (const auto& [name, value] : request.headers) {
    const std::string lower = to_lower(name);
    const auto same = std::find_if(pairs.begin(), pairs.end(),
                                   [&](const auto& pair) { return pair.first == lower; });
    if (same == pairs.end()) {
      pairs.emplace_back(lower, value);
    } else {
      same->second += (lower == "cookie" ? "; " : ", ") + std::string(value);
    }
  }
  return pairs;
}

Answer answer_echo(const Request& request, const Visit& visit, Arguments /*arguments*/) {
  std::string out = "{\"method\":";
  append_json(out, request.method);
  out += ",\"url\":";
  append_json(out, request.url);
  out += ",\"path\":";
  append_json(out, request.path);
  out += ",\"query\":";
  append_object(out, read_query(request));
  out += ",\"headers\":";
  append_object(out, lower_case_headers(request));
  out += ",\"rawHeaders\":[";
  for (const auto& [name, value] : request.headers) {
    if (out.back() != '[') out += ',';
    append_json(out, name);
    out += ',';
    append_json(out, value);
  }
  out += "],\"cookies\":";
  append_object(out, read_cookies(request));
  out += ",\"body\":";
  append_json(out, request.body);
  out += ",\"conn\":" + std::to_string(visit.connection);
  out += ",\"nth\":" + std::to_string(visit.ordinal) + "}";
  return json(std::move(out));
}

Answer answer_status(const Request&, const Visit&, Arguments arguments) {
  const auto status = to_number(at(arguments, 0), 999);
  if (!status || *status < 200) return bad_argument();
  return text("status " + std::string(arguments[0]), static_cast<int>(*status));
}

Answer answer_delay(const Request&, const Visit&, Arguments arguments) {
  const auto wait = to_number(at(arguments, 0), 3'600'000);
  if (!wait) return bad_argument();
  Answer answer = text("waited " + std::string(arguments[0]));
  answer.delay = std::chrono::milliseconds(*wait);
  return answer;
}

Answer answer_hang(const Request&, const Visit&, Arguments) {
  return make_fault("never", {});
}

Answer answer_close(const Request&, const Visit&, Arguments) {
  Answer answer;
  answer.wire = Wire::kRaw;
  answer.ending = Ending::kClose;
  answer.status = 0;
  return answer;
}

Answer answer_bytes(const Request&, const Visit&, Arguments arguments) {
  const auto count = to_number(at(arguments, 0), kMaxBodyBytes);
  return count ? text(std::string(*count, 'x')) : bad_argument();
}

Answer answer_set_cookie(const Request&, const Visit&, Arguments arguments) {
  if (arguments.size() < 2) return bad_argument();
  Answer answer = text("ok");
  answer.headers =
      "Set-Cookie: " + std::string(arguments[0]) + "=" + std::string(arguments[1]) + "; Path=/\r\n";
  return answer;
}

Answer answer_cookies(const Request& request, const Visit&, Arguments) {
  std::string out;
  append_object(out, read_cookies(request));
  return json(std::move(out));
}

Answer answer_need_cookie(const Request& request, const Visit&, Arguments arguments) {
  const std::string name = decode_url(at(arguments, 0));
  const std::string value = decode_url(at(arguments, 1));
  for (const auto& [key, sent] : read_cookies(request))
    if (key == name && sent == value) return text("yes");
  return text("no", 403);
}

Answer answer_redirect(const Request&, const Visit&, Arguments arguments) {
  const auto hops = to_number(at(arguments, 0), 1000);
  if (!hops || *hops == 0) return bad_argument();
  Answer answer = text("", 302);
  const std::string next = *hops == 1 ? "/landing" : "/redirect/" + std::to_string(*hops - 1);
  answer.headers = "Location: " + next + "\r\n";
  return answer;
}

Answer answer_redirect_code(const Request&, const Visit&, Arguments arguments) {
  const auto status = to_number(at(arguments, 0), 399);
  if (!status || *status < 300) return bad_argument();
  Answer answer = text("", static_cast<int>(*status));
  answer.headers = "Location: /landing\r\n";
  return answer;
}

Answer answer_landing(const Request& request, const Visit&, Arguments) {
  return text("landed " + std::string(request.method));
}

Answer answer_basic(const Request& request, const Visit&, Arguments arguments) {
  const std::string wanted = decode_url(at(arguments, 0)) + ":" + decode_url(at(arguments, 1));
  const std::string_view given = request.header("authorization");
  if (given.size() > 6 && equals_ignoring_case(given.substr(0, 6), "basic ") &&
      decode_base64(trim(given.substr(6))) == wanted)
    return text("in");
  Answer answer = text("out", 401);
  answer.headers = "WWW-Authenticate: Basic realm=\"x\"\r\n";
  return answer;
}

Answer yes_or_400(bool good) {
  return good ? text("yes") : text("no", 400);
}

Answer answer_need_header(const Request& request, const Visit&, Arguments arguments) {
  return yes_or_400(request.header(to_lower(at(arguments, 0))) == decode_url(at(arguments, 1)));
}

Answer answer_need_body(const Request& request, const Visit&, Arguments arguments) {
  return yes_or_400(request.body == decode_url(at(arguments, 0)));
}

Answer answer_count(const Request&, const Visit& visit, Arguments arguments) {
  const auto limit = at(arguments, 1).empty() ? 3 : to_number(arguments[1], 1'000'000'000);
  if (!limit) return bad_argument();
  const std::uint64_t count = visit.tally.count_key(std::string(at(arguments, 0)));
  return json("{\"n\":" + std::to_string(count) +
              ",\"done\":" + (count >= *limit ? "true" : "false") + "}");
}

Answer answer_login(const Request& request, const Visit&, Arguments) {
  const auto user = json_text_member(request.body, "user");
  const auto password = json_text_member(request.body, "pass");
  if (!user || !password || user->empty() || password->empty() ||
      user->find_first_of("\r\n") != std::string::npos)
    return json("{\"error\":\"no\"}", 401);
  std::string out = "{\"token\":";
  append_json(out, "t-" + *user);
  out += ",\"user\":";
  append_json(out, *user);
  Answer answer = json(out + "}", 201);
  answer.headers = "x-auth: h-" + *user + "\r\nSet-Cookie: sid=s-" + *user + "; Path=/\r\n";
  return answer;
}

Answer answer_mirror(const Request& request, const Visit&, Arguments) {
  Answer answer = text(std::string(request.body));
  const std::string_view type = request.header("content-type");
  if (!type.empty()) answer.type = type;
  return answer;
}

Answer answer_chunked(const Request&, const Visit&, Arguments arguments) {
  const auto count = to_number(at(arguments, 0), 100'000);
  if (!count) return bad_argument();
  Answer answer;
  answer.wire = Wire::kRaw;
  answer.body =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTrailer: X-Trailer\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  constexpr char kDigits[] = "0123456789ABCDEF";
  for (std::uint64_t i = 0; i < *count; ++i) {
    const std::string chunk = "chunk " + std::to_string(i) + "\n";
    answer.body += kDigits[chunk.size() / 16];
    answer.body += kDigits[chunk.size() % 16];
    answer.body += (i == 0 ? ";first=yes\r\n" : "\r\n") + chunk + "\r\n";
  }
  answer.body += "0\r\nX-Trailer: end\r\n\r\n";
  return answer;
}

Answer answer_close_delimited(const Request&, const Visit&, Arguments arguments) {
  const auto count = to_number(at(arguments, 0), kMaxBodyBytes);
  if (!count) return bad_argument();
  Answer answer;
  answer.wire = Wire::kRaw;
  answer.ending = Ending::kClose;
  answer.body = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n" +
                std::string(*count, 'x');
  return answer;
}

Answer answer_http10(const Request&, const Visit&, Arguments) {
  Answer answer;
  answer.wire = Wire::kRaw;
  answer.ending = Ending::kClose;
  answer.body = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold ok";
  return answer;
}

Answer answer_interim(const Request&, const Visit&, Arguments arguments) {
  const auto count = to_number(at(arguments, 0), 1000);
  if (!count) return bad_argument();
  Answer answer;
  answer.wire = Wire::kRaw;
  for (std::uint64_t i = 0; i < *count; ++i)
    answer.body += "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
  answer.body += "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
  return answer;
}

Answer answer_record(const Request&, const Visit&, Arguments) {
  return text("ok");
}

Answer answer_fault(const Request&, const Visit&, Arguments arguments) {
  return make_fault(at(arguments, 0), at(arguments, 1));
}

Answer own_page(Answer answer) {
  answer.counts = false;
  return answer;
}

Answer answer_stats(const Request&, const Visit& visit, Arguments) {
  return own_page(json(visit.tally.stats_json()));
}

Answer answer_records(const Request&, const Visit& visit, Arguments) {
  return own_page(json(visit.tally.records_json()));
}

Answer answer_reset(const Request&, const Visit& visit, Arguments) {
  visit.tally.reset();
  return own_page(text("ok"));
}

struct Route {
  std::string_view name;  // first segment of the path
  Answer (*answer)(const Request&, const Visit&, Arguments);
};

constexpr std::array kRoutes = {
    Route{"record", answer_record},
    Route{"echo", answer_echo},
    Route{"delay", answer_delay},
    Route{"status", answer_status},
    Route{"bytes", answer_bytes},
    Route{"landing", answer_landing},
    Route{"redirect", answer_redirect},
    Route{"redirect-code", answer_redirect_code},
    Route{"set-cookie", answer_set_cookie},
    Route{"cookies", answer_cookies},
    Route{"need-cookie", answer_need_cookie},
    Route{"need-header", answer_need_header},
    Route{"need-body", answer_need_body},
    Route{"basic", answer_basic},
    Route{"count", answer_count},
    Route{"login", answer_login},
    Route{"mirror", answer_mirror},
    Route{"idp", answer_idp},
    Route{"platform", answer_platform},
    Route{"hang", answer_hang},
    Route{"close", answer_close},
    Route{"chunked", answer_chunked},
    Route{"close-delimited", answer_close_delimited},
    Route{"http10", answer_http10},
    Route{"interim", answer_interim},
    Route{"fault", answer_fault},
    Route{"__stats", answer_stats},
    Route{"__records", answer_records},
    Route{"__reset", answer_reset},
};

}  // namespace

bool is_own_page(std::string_view path) {
  return path.starts_with("/__");
}

Answer answer_to(const Request& request, const Visit& visit) {
  if (!request.is_head && request.keep_alive) {
    if (const std::string* const prebuilt = find_prebuilt(request.path)) {
      Answer answer;
      answer.wire = Wire::kPrebuilt;
      answer.prebuilt = prebuilt;
      return answer;
    }
  }
  if (const Answer* const fixed = find_fixed(request.path)) return *fixed;
  if (!request.path.starts_with('/')) return not_found();
  const auto segments = split(request.path.substr(1), '/');
  for (const Route& route : kRoutes)
    if (route.name == segments[0])
      return route.answer(request, visit, Arguments(segments).subspan(1));
  return not_found();
}

std::string to_bytes(const Answer& answer, const Request& request) {
  const bool may_have_body = answer.status != 204 && answer.status != 304;
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  out += reason(answer.status);
  out += "\r\n";
  if (may_have_body) {
    out += "Content-Type: ";
    out += answer.type;
    out += "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n";
  }
  out += answer.headers;
  const bool closes = !request.keep_alive || answer.ending != Ending::kAsAsked;
  if (closes && answer.headers.find("Connection:") == std::string::npos)
    out += "Connection: close\r\n";
  out += "\r\n";
  if (may_have_body && !request.is_head) out += answer.body;
  return out;
}

}  // namespace slsart::target
