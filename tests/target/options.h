#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace slsart::target {

using Duration = std::chrono::nanoseconds;

// What the command line said. A port of 0 means any free one; a port that is absent is not served.
struct Options {
  std::optional<std::uint16_t> http_port;
  std::optional<std::uint16_t> https_port;
  std::string bind = "127.0.0.1";  // always an address of this machine's loopback
  std::string cert_file;           // PEM; empty: a self-signed one is made in memory
  std::string key_file;
  std::string client_ca_file;   // PEM; empty: clients need no certificate
  std::string write_cert_file;  // where to write the certificate that is served; empty: nowhere
  std::string tls_name;         // name in the made certificate; empty: localhost and loopback
  bool tls_expired = false;     // the made certificate ended yesterday
  unsigned threads = 1;
  Duration delay{};      // added to every answer
  Duration stall_at{};   // since the first request
  Duration stall_for{};  // 0: never
  Duration exit_after = std::chrono::hours(1);
  bool with_parent = false;  // end when the process that started us ends
};

struct ShowHelp {};
struct UsageError {
  std::string message;
};

std::variant<Options, ShowHelp, UsageError> parse_options(int argc, char** argv);
std::string help_text();

}  // namespace slsart::target
