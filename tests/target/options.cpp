#include "options.h"

#include <arpa/inet.h>

#include <charconv>
#include <cmath>
#include <string_view>

namespace slsart::target {
namespace {

bool is_loopback(const std::string& address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6) != 0;
}

template <typename Number>
bool read_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool read_duration(std::string_view text, double unit_seconds, Duration& out) {
  double count = 0;
  if (!read_number(text, count) || !(count >= 0) || count > 1e6) return false;
  out = Duration(std::llround(count * unit_seconds * 1e9));
  return true;
}

bool read_port(std::string_view text, std::optional<std::uint16_t>& out) {
  std::uint16_t port = 0;
  if (!read_number(text, port)) return false;
  out = port;
  return true;
}

enum class Taken { kYes, kUnknown, kBadValue };

Taken take_switch(std::string_view name, Options& options) {
  if (name == "--tls-expired") return options.tls_expired = true, Taken::kYes;
  if (name == "--with-parent") return options.with_parent = true, Taken::kYes;
  return Taken::kUnknown;
}

Taken take_value(std::string_view name, std::string_view value, Options& options) {
  const auto taken = [](bool good) { return good ? Taken::kYes : Taken::kBadValue; };
  if (name == "--http") return taken(read_port(value, options.http_port));
  if (name == "--https") return taken(read_port(value, options.https_port));
  if (name == "--bind") return taken(is_loopback(options.bind = std::string(value)));
  if (name == "--cert") return options.cert_file = value, Taken::kYes;
  if (name == "--key") return options.key_file = value, Taken::kYes;
  if (name == "--client-ca") return options.client_ca_file = value, Taken::kYes;
  if (name == "--write-cert") return options.write_cert_file = value, Taken::kYes;
  if (name == "--tls-name") return options.tls_name = value, Taken::kYes;
  if (name == "--threads")
    return taken(read_number(value, options.threads) && options.threads >= 1 &&
                 options.threads <= 64);
  if (name == "--delay-ms") return taken(read_duration(value, 1e-3, options.delay));
  if (name == "--stall-at") return taken(read_duration(value, 1, options.stall_at));
  if (name == "--stall-for") return taken(read_duration(value, 1, options.stall_for));
  if (name == "--exit-after") return taken(read_duration(value, 1, options.exit_after));
  return Taken::kUnknown;
}

}  // namespace

std::variant<Options, ShowHelp, UsageError> parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--help" || name == "-h") return ShowHelp{};
    if (take_switch(name, options) == Taken::kYes) continue;
    if (i + 1 >= argc) return UsageError{name + ": unknown option or its value is missing"};
    switch (take_value(name, argv[i + 1], options)) {
      case Taken::kYes:
        ++i;
        break;
      case Taken::kUnknown:
        return UsageError{name + ": unknown option"};
      case Taken::kBadValue:
        return UsageError{name + ": '" + argv[i + 1] + "' is not allowed" +
                          (name == "--bind" ? ", only loopback addresses are" : "")};
    }
  }
  if (options.cert_file.empty() != options.key_file.empty())
    return UsageError{"--cert and --key belong together"};
  if (!options.http_port && !options.https_port) options.http_port = 0;
  return options;
}

std::string help_text() {
  return R"(slsart-target: the practice server of slsart, on loopback only

Usage: slsart-target [options]

  --http PORT        serve plain HTTP; 0 takes a free port (default if no port is given)
  --https PORT       serve HTTPS; 0 takes a free port
  --bind ADDRESS     127.0.0.1 (default), another 127.x.y.z or ::1
  --cert FILE        certificate chain, PEM; without it a self-signed one is made in memory
  --key FILE         its private key, PEM
  --tls-name NAME    put this DNS name into the made certificate instead of localhost
  --tls-expired      the made certificate ended yesterday
  --write-cert FILE  write the certificate that is served to FILE, to trust it in a test
  --client-ca FILE   ask clients for a certificate signed by this one
  --threads N        serving threads (1)
  --delay-ms MS      wait this long before every answer
  --stall-at S       S seconds after the first request ...
  --stall-for S      ... answer nothing for S seconds, once
  --exit-after S     end after S seconds whatever happens (3600)
  --with-parent      end when the process that started this one ends
  --help             this text

When ready it prints one line: {"http":18080,"https":null,"pid":4711}
SIGTERM and SIGINT end it.

Examples:
  slsart-target --http 18080
  slsart-target --http 0 --https 0 --with-parent
  slsart-target --https 0 --tls-name other.example --write-cert /tmp/cert.pem
  curl http://127.0.0.1:18080/echo?x=1
)";
}

}  // namespace slsart::target
