#include "provider/emulated/faults.h"

#include <sys/stat.h>

#include "core/text.h"
#include "core/value.h"

namespace slsart::provider::emulated {

const Faults& FaultFile::look() {
  struct stat status {};
  const bool is_there = stat(path_.c_str(), &status) == 0;
  std::string now = "none";
  if (is_there) {
    now = std::to_string(status.st_size) + " " + std::to_string(status.st_ino) + " " +
          std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
  }
  if (now == seen_) return faults_;
  seen_ = now;
  faults_ = {};
  const auto text = core::read_file(path_, 65'536);
  const auto value = text ? core::parse_json(*text) : core::Result<core::Value>(core::Value());
  if (!value) return faults_;
  const auto number = [&](const char* name, std::int64_t otherwise) {
    const core::Value* found = value->find(name);
    const bool is_number = found != nullptr && found->kind() == core::Value::Kind::kInteger;
    return is_number && found->as_integer() >= 0 ? found->as_integer() : otherwise;
  };
  const auto count = [&](const char* name) { return static_cast<std::uint32_t>(number(name, 0)); };
  faults_ = {.duplicate_every = count("duplicateEvery"),
             .delay_every = count("delayEvery"),
             .delay = std::chrono::milliseconds(number("delayMs", 0)),
             .lose_every = count("loseEvery"),
             .lose_answer_every = count("loseAnswerEvery"),
             .minute = std::chrono::milliseconds(number("minuteMs", 60'000)),
             .account_concurrency = count("accountConcurrency")};
  return faults_;
}

}  // namespace slsart::provider::emulated
