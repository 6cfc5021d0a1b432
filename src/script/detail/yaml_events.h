#pragma once

#include <libfyaml.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/check.h"
#include "core/span.h"
#include "script/detail/report.h"
#include "script/detail/source_text.h"

namespace slsart::script::detail {

enum class EventKind {
  kScalar,
  kAlias,
  kListStart,
  kListEnd,
  kMapStart,
  kMapEnd,
  kDocumentStart,
  kEnd
};

// One event of the YAML library, copied out of it.
struct Event {
  EventKind kind = EventKind::kEnd;
  std::string text;       // of a scalar, or the name of an alias
  std::string anchor;     // the name behind &, empty if none
  std::string tag;        // in full: "tag:yaml.org,2002:str", "!own"
  bool plain = false;     // a scalar without quotes
  bool flow = false;      // a list or map in brackets
  bool verbatim = false;  // a scalar whose text stands in the source as it is, `quote` bytes in
  std::uint8_t quote = 0;
  core::Span span;
};

// The event parser of libfyaml as a stream of Events. The library never prints; its first complaint
// becomes one diagnostic. One thread.
class YamlEvents {
 public:
  YamlEvents(const Places& places, Report& report);

  // The next event; nothing after a syntax error, which has been reported then.
  std::optional<Event> next();

 private:
  struct FreeParser {
    void operator()(fy_parser* parser) const { fy_parser_destroy(parser); }
  };
  struct FreeDiag {
    void operator()(fy_diag* diag) const { fy_diag_destroy(diag); }
  };

  Event to_event(fy_event& raw) const;
  void read_scalar(fy_event& raw, Event& event) const;
  void track_brackets(const Event& event);
  void report_failure();

  const Places& places_;
  Report& report_;
  std::unique_ptr<fy_diag, FreeDiag> diag_;
  std::unique_ptr<fy_parser, FreeParser> parser_;
  std::vector<Event> open_;  // lists and maps that have begun and not ended
  bool ended_ = false;
};

}  // namespace slsart::script::detail
