#include "core/check.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace slsart::core {
namespace {
std::atomic<CheckHandler> installed_handler{nullptr};
}

void set_check_handler(CheckHandler handler) {
  installed_handler = handler;
}

void check_failed(const char* condition, const char* file, int line) {
  const std::string message = std::string("internal error: ") + condition + " does not hold (" +
                              file + ":" + std::to_string(line) + ")";
  std::fprintf(stderr, "slsart: %s\n", message.c_str());
  if (const CheckHandler handler = installed_handler.exchange(nullptr)) handler(message);
  std::abort();
}

}  // namespace slsart::core
