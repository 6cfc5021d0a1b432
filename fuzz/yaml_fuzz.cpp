#include <cstdint>
#include <memory>

#include "core/check.h"
#include "script/load.h"

// Any bytes as a script: load() must answer with a script or with at least one error, and every
// place it names must lie in its text.

namespace {

using slsart::core::Diagnostic;
using slsart::core::Span;

void check_place(const Span& span) {
  if (!span.source || span.line == 0) return;
  const std::string& text = span.source->text;
  SLSART_CHECK(span.column > 0);
  SLSART_CHECK(span.line <= text.size() + 1);
  SLSART_CHECK(span.column <= text.size() + 1);
  SLSART_CHECK(span.length <= text.size());
}

}  // namespace

// libfyaml 0.7.12 loses a block of 512 bytes when it refuses certain quoted texts; it is not ours
// to mend.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(*-reserved-identifier)
  return "leak:libfyaml\n";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  slsart::script::LoadOptions options;
  // Nothing lies there, so that no input reads a file.
  options.directory = "/nonexistent/slsart-fuzz";
  options.process_environment = {{"NAME", "value"}};
  options.sources = {std::make_shared<const slsart::core::Source>(
      slsart::core::Source{"fuzz.yml", std::string(reinterpret_cast<const char*>(data), size)})};
  if (size > 0 && data[0] % 4 == 1) options.environment = "staging";
  const slsart::script::Loaded loaded = slsart::script::load(options);
  SLSART_CHECK(loaded.script.has_value() != slsart::core::has_errors(loaded.diagnostics));
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    check_place(diagnostic.span);
    (void)slsart::core::to_text(diagnostic);
    for (const auto& [span, note] : diagnostic.related) check_place(span);
  }
  return 0;
}
