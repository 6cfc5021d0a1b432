#include <cstdint>
#include <memory>

#include "core/check.h"
#include "provider/service/service_file.h"

// Any bytes as a serverless.yml: it must end, with a deployment or with at least one error, and
// every place that is named must lie in the text.

// libfyaml 0.7.12 loses a block when it refuses certain quoted texts (yaml_fuzz.cpp).
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(*-reserved-identifier)
  return "leak:libfyaml\n";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace service = slsart::provider::service;
  const auto source = std::make_shared<const slsart::core::Source>(slsart::core::Source{
      "serverless.yml", std::string(reinterpret_cast<const char*>(data), size)});
  service::ServiceRequest request;
  request.environment = {{"NAME", "value"}};
  request.parameters = {{"p", "given"}};
  if (size > 0 && data[0] % 2 == 1) request.stage = "staging";
  // Nothing lies there, so that no input reads a file.
  const service::LoadedService loaded =
      service::load_service(source, "/nonexistent/slsart-fuzz", request);
  SLSART_CHECK(loaded.spec.has_value() != slsart::core::has_errors(loaded.diagnostics));
  for (const slsart::core::Diagnostic& one : loaded.diagnostics) {
    (void)slsart::core::to_text(one);
    if (!one.span.source || one.span.line == 0) continue;
    SLSART_CHECK(one.span.column > 0);
    SLSART_CHECK(one.span.line <= size + 1);
    SLSART_CHECK(one.span.column <= size + 1);
  }
  return 0;
}
