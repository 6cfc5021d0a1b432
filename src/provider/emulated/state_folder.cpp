#include "provider/emulated/state_folder.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/check.h"
#include "core/text.h"
#include "core/value.h"

namespace slsart::provider::emulated {
namespace {

constexpr std::size_t kMaxNameBytes = 128;  // as a CloudFormation stack's

bool is_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (std::isalnum(c) != 0 && c < 128) || c == '-' || c == '_';
  });
}

}  // namespace

core::Result<std::string> state_folder(const std::string& service, const std::string& stage) {
  for (const std::string& name : {service, stage}) {
    if (is_name(name) && service.size() + stage.size() < kMaxNameBytes) continue;
    return core::Error{core::ErrorCode::kInvalidInput,
                       "\"" + name + "\" cannot be the name of a service or stage",
                       "letters, digits, \"-\" and \"_\""};
  }
  const std::string name = "/slsart/emulated/" + service + "-" + stage;
  const char* const state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && state[0] == '/') return state + name;
  const char* const home = std::getenv("HOME");
  if (home != nullptr && home[0] == '/') return home + ("/.local/state" + name);
  return core::Error{core::ErrorCode::kInvalidInput,
                     "neither XDG_STATE_HOME nor HOME names a folder for the state"};
}

core::Result<ServiceRecord> read_service(const std::string& state_folder) {
  auto text = core::read_file(state_folder + "/service.json", 65'536);
  if (!text) return std::move(text).error();
  auto value = core::parse_json(*text);
  if (!value) return std::move(value).error().within("reading service.json");
  const auto number = [&](const char* name) {
    const core::Value* found = value->find(name);
    const bool is_integer = found != nullptr && found->kind() == core::Value::Kind::kInteger;
    return is_integer ? found->as_integer() : 0;
  };
  const auto word = [&](const char* name) {
    const core::Value* found = value->find(name);
    return found != nullptr && found->is_string() ? found->as_string() : std::string();
  };
  ServiceRecord record{.pid = number("pid"),
                       .started_ticks = number("startedTicks"),
                       .port = static_cast<std::uint16_t>(number("port")),
                       .key_id = word("keyId"),
                       .secret = word("secret"),
                       .program = word("program")};
  if (record.pid > 0 && record.port != 0 && !record.key_id.empty()) return record;
  return core::Error{core::ErrorCode::kInvalidInput, "service.json is not as it should be",
                     "deploy again"};
}

core::Result<void> write_service(const std::string& state_folder, const ServiceRecord& record) {
  return write_private_file(
      state_folder + "/service.json",
      core::to_pretty_json(core::Value::make_object({{"pid", record.pid},
                                                     {"startedTicks", record.started_ticks},
                                                     {"port", std::int64_t{record.port}},
                                                     {"keyId", record.key_id},
                                                     {"secret", record.secret},
                                                     {"program", record.program}})) +
          "\n");
}

std::int64_t started_ticks(std::int64_t pid) {
  const auto text = core::read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  if (!text) return 0;
  // proc(5): the name, in brackets, may have blanks; what follows are fields 3 to 52, this is 22.
  const std::size_t bracket = text->rfind(')');
  if (bracket == std::string::npos) return 0;
  const auto fields = core::split(std::string_view(*text).substr(bracket + 1), ' ');
  constexpr std::size_t kField = 22 - 2;
  return fields.size() > kField ? core::parse_integer(fields[kField]).value_or(0) : 0;
}

bool is_running(const ServiceRecord& record) {
  return record.started_ticks != 0 && started_ticks(record.pid) == record.started_ticks;
}

core::Result<void> write_private_file(const std::string& path, std::string_view content) {
  const auto fail = [&] {
    return core::Error{core::ErrorCode::kIo, path + ": " + std::strerror(errno)};
  };
  std::string aside = path + ".XXXXXX";  // mkostemp() makes it 0600
  const int descriptor = mkostemp(aside.data(), O_CLOEXEC);
  if (descriptor < 0) return fail();
  const bool is_written =
      write(descriptor, content.data(), content.size()) == static_cast<ssize_t>(content.size());
  if (close(descriptor) == 0 && is_written && std::rename(aside.c_str(), path.c_str()) == 0) {
    return {};
  }
  const core::Error error = fail();
  unlink(aside.c_str());
  return error;
}

std::string random_uuid() {
  unsigned char bytes[16];
  SLSART_CHECK(getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
  std::string text;
  for (int i = 0; i < 16; ++i) {
    char hex[3];
    std::snprintf(hex, sizeof hex, "%02x", bytes[i]);
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += hex;
  }
  return text;
}

}  // namespace slsart::provider::emulated
