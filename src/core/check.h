#pragma once

#include <string_view>

namespace slsart::core {

// Called once when an invariant is found broken, before the process aborts. `main` installs one
// that saves what was measured so far. Any thread; must not return control to the program.
using CheckHandler = void (*)(std::string_view message);
void set_check_handler(CheckHandler handler);

// Reports a broken invariant on standard error, calls the handler, aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace slsart::core

// Broken invariants end the program, in release too: wrong numbers are worse than a crash.
#define SLSART_CHECK(condition)       \
  ((condition) ? static_cast<void>(0) \
               : ::slsart::core::check_failed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define SLSART_DCHECK(condition) static_cast<void>(0)
#else
#define SLSART_DCHECK(condition) SLSART_CHECK(condition)
#endif
