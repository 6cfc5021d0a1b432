#include "script/starter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

#include "core/text.h"
#include "core/value.h"

namespace slsart::script {
namespace {

using core::Error;
using core::ErrorCode;
using core::Result;

constexpr std::string_view kDefaultEndpoint = "http://aws.amazon.com";
constexpr double kDefaultDuration = 5;
constexpr double kDefaultRate = 2;

struct Endpoint {
  std::string target;
  std::string url;
  bool has_scheme = true;
};

Error bad_endpoint(std::string message) {
  return {.code = ErrorCode::kInvalidInput,
          .message = std::move(message),
          .hint = "an endpoint looks like https://example.com/path",
          .offset = {}};
}

// Bytes that may not stand in an address, or would end the quoted text in the script. Braces may:
// they are templates.
void append_safely(std::string_view text, std::string& out) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte != 0x7F && std::string_view("\"<>\\^`|").find(c) == std::string::npos) {
      out += c;
      continue;
    }
    std::array<char, 4> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "%%%02X", byte);
    out += escaped.data();
  }
}

Result<Endpoint> split_endpoint(std::string_view text) {
  text = core::trim(text);
  Endpoint result;
  std::string scheme = "http";
  if (const std::size_t colon = text.find("://"); colon != std::string_view::npos) {
    scheme = core::to_lower(text.substr(0, colon));
    text.remove_prefix(colon + 3);
  } else {
    result.has_scheme = false;
  }
  constexpr std::array<std::string_view, 4> kSchemes = {"http", "https", "ws", "wss"};
  if (std::ranges::find(kSchemes, scheme) == kSchemes.end()) {
    return bad_endpoint("the endpoint has the scheme \"" + scheme +
                        "\"; http, https, ws and wss can be loaded");
  }
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  const std::string_view authority = text.substr(0, end);
  const std::size_t at = authority.rfind('@') + 1;  // 0 when there is none
  const std::string_view host = authority.substr(at);
  if (host.empty() || host.front() == ':') return bad_endpoint("the endpoint names no host");
  result.target = scheme + "://";
  append_safely(authority.substr(0, at), result.target);
  append_safely(core::to_lower(host), result.target);
  if (end == text.size() || text[end] != '/') result.url = "/";
  append_safely(text.substr(end), result.url);
  return result;
}

Result<double> positive(double number, double fallback, const char* name) {
  if (number >= 0 && std::isfinite(number)) return number > 0 ? number : fallback;
  return Error{.code = ErrorCode::kInvalidInput,
               .message = std::string("the ") + name + " must be a number above 0",
               .hint = "for example -d 60 -r 10 -t 25",
               .offset = {}};
}

std::string number_text(double number) {
  std::string text;
  core::write_number(number, text);
  return text;
}

std::string script_text(const Endpoint& endpoint, double duration, double rate, double ramp_to) {
  std::string text =
      "# A first load script, written by `slsart script`.\n"
      "# Change it as you like and fire it with `slsart invoke`, or from this machine with\n"
      "# `slsart run`. `slsart check` finds mistakes, `slsart reference` lists all that can stand\n"
      "# here; where it came from and what the words mean is told at\n"
      "# https://artillery.io/docs\n"
      "config:\n"
      "  # put in front of every url below that is no complete address\n"
      "  target: \"" +
      endpoint.target +
      "\"\n"
      "  phases:\n"
      "    -\n"
      "      duration: " +
      number_text(duration) +
      "\n"
      "      arrivalRate: " +
      number_text(rate) + "\n";
  if (ramp_to > 0) text += "      rampTo: " + number_text(ramp_to) + "\n";
  return text +
         "scenarios:\n"
         "  -\n"
         "    flow:\n"
         "      -\n"
         "        get:\n"
         "          url: \"" +
         endpoint.url + "\"\n";
}

}  // namespace

Result<Starter> make_starter(const StarterOptions& options) {
  const std::string_view written = core::trim(options.endpoint);
  const auto endpoint = split_endpoint(written.empty() ? kDefaultEndpoint : written);
  if (!endpoint) return endpoint.error();
  const auto duration = positive(options.duration_s, kDefaultDuration, "duration");
  if (!duration) return duration.error();
  const auto rate = positive(options.users_per_s, kDefaultRate, "rate");
  if (!rate) return rate.error();
  const auto ramp_to = positive(options.ramp_to_per_s, 0, "rate to ramp to");
  if (!ramp_to) return ramp_to.error();
  Starter starter{.text = script_text(*endpoint, *duration, *rate, *ramp_to), .remark = {}};
  if (!endpoint->has_scheme) {
    starter.remark = "the endpoint has no scheme, so the target is " + endpoint->target;
  }
  return starter;
}

}  // namespace slsart::script
