#include "provider/emulated/state_folder.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

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

}  // namespace slsart::provider::emulated
