#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slsart::provider::service {

// The name of the service where nobody wrote a serverless.yml.
inline constexpr std::string_view kBuiltInService = "serverless-artillery";

// A commented serverless.yml with that name of the service: one function, monitoring that is
// switched off, a topic for its alerts without subscriptions. Its sections are those of the file
// that `configure` of serverless-artillery 0.5.2 writes, so that what its guides say to change can
// be changed here.
std::string starter_service(std::string_view service);

// "serverless-artillery-" with ten random letters and digits behind it: never a dash among them
// (the original's may hold two in a row, or end in one), the first a letter.
std::string random_service_name(std::uint64_t random);

// A few sentences on what the files of `configure` are for, in Markdown.
std::string starter_note();

}  // namespace slsart::provider::service
