#include "report/json_report.h"

#include "report/detail/json_parts.h"

namespace slsart::report {

core::Value to_json(const metrics::RunDocument& document, JsonFormat format) {
  core::Value report =
      format == JsonFormat::kArtillery2 ? to_artillery2(document) : to_artillery1(document);
  report.set("slsart", to_own_section(document));
  return report;
}

}  // namespace slsart::report
