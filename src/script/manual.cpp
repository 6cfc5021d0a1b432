#include <algorithm>
#include <utility>
#include <vector>

#include "expr/functions.h"
#include "script/detail/schema_table.h"
#include "script/schema.h"

// How the tables become docs/script-reference.md.

namespace slsart::script {
namespace {

using detail::Row;
using detail::Section;
using detail::StepKind;
using detail::Support;
using detail::Type;

constexpr std::string_view kHead = R"(# The script language

This page is made from the tables that check scripts (`src/script/schema_*.cpp`); a test keeps it in
step. Scripts are YAML 1.2 or JSON, with anchors, aliases and `<<` merge keys. Mistakes are reported with
line and column, all at once; unknown keys are warnings. The same tables give a JSON Schema for editors.

Values may be templates where the table says so: `{{ name }}`, `{{ user.id }}`, `{{ list[0] }}`,
`{{ $randomNumber(1, 9) }}`. Numbers may also be written as text, as environment variables bring them.
Durations are seconds or texts such as `500ms`, `20s`, `1.5h`, `2 days`, `1m 30s`.
)";

constexpr std::string_view kTemplates = R"(
## Templates

`{{ name }}` stands for a variable's value: `{{ user.id }}`, `{{ list[0] }}` and `{{ headers['x-id'] }}` look
into objects and lists. A text that is nothing but one placeholder keeps the value's type, so in `json` a number
stays a number. Values are put in as they are and never searched for placeholders. A missing variable is
`undefined`. In `url`, spaces and control characters are percent-encoded; a value with a line end in a header
fails the request.

Later ones win: variables set by `before`, cells of `payload`, `config.variables`, captures and loop variables.
These are always there:

| variable | value |
|---|---|
| `target` | `config.target` or `-t` |
| `$environment` | the name given with `-e`, empty without |
| `$processEnvironment.NAME`, `$env.NAME` | environment variables |
| `$testId` | the id of the run |
| `$dirname`, `$scenarioFile` | folder and path of the script |
| `$uuid` | a UUID, one per user |
| `$loopCount`, `$loopElement` | inside a loop: its index, its element |
| `$arrivalIndex` | the user's number in the whole run, from 0, the same for any number of workers |
| `$arrivalDue` | when it was due, in nanoseconds since the start of the run |
| `$workerIndex` | the worker that runs it |

Functions draw from the user's own random numbers: the same `--seed` gives the same values.

)";

void append_templates(std::string& out) {
  out += kTemplates;
  for (const expr::Function& function : expr::functions()) {
    const std::size_t colon = function.doc.find(':');
    out += "- `" + std::string(function.doc.substr(0, colon)) + "`" +
           std::string(function.doc.substr(colon)) + "\n";
  }
}

// The sections in the order in which a reader meets them.
class Collector {
 public:
  std::vector<const Section*> sections;

  void add(const Section& section) {
    if (std::ranges::find(sections, &section) != sections.end()) return;
    sections.push_back(&section);
    for (const Row& row : section.rows) add(*row.type);
  }

 private:
  void add(const Type& type) {
    if (type.items) add(*type.items);
    if (type.section) add(*type.section);
    if (type.shape != Type::Shape::kFlow || std::exchange(has_steps_, true)) return;
    for (const StepKind& kind : detail::step_kinds()) add(*kind.row.type);
  }

  bool has_steps_ = false;
};

std::string cell(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '|') result += '\\';
    result += c;
  }
  return result;
}

std::string code(std::string_view text) {
  return text.empty() ? std::string() : "`" + cell(text) + "`";
}

std::string value_of(const Type& type) {
  const bool links = type.section && type.shape == Type::Shape::kSection;
  if (links) return "[" + cell(type.expected) + "](#" + std::string(type.section->id) + ")";
  if (type.items && type.items->section) {
    return "[" + cell(type.expected) + "](#" + std::string(type.items->section->id) + ")";
  }
  if (type.shape == Type::Shape::kFlow) return "[a list of steps](#steps)";
  return cell(type.expected);
}

std::string meaning_of(const Row& row) {
  std::string text = cell(row.doc);
  if (row.required) text += " **Required.**";
  if (row.support == Support::kMissing) text += " *Not supported yet: an error.*";
  if (row.support == Support::kIgnored) text += " *Not available yet: ignored with a warning.*";
  return text;
}

void append_rows(std::span<const Row> rows, std::string& out) {
  out += "| key | value | default | meaning | example |\n|---|---|---|---|---|\n";
  std::string accepted;
  for (const Row& row : rows) {
    if (row.support == Support::kAccepted) {
      accepted += (accepted.empty() ? "" : ", ") + code(row.key);
      continue;
    }
    out += "| " + code(row.key) + " | " + value_of(*row.type) + " | " + cell(row.fallback) + " | " +
           meaning_of(row) + " | " + code(row.example) + " |\n";
  }
  if (!accepted.empty()) out += "\nAccepted without effect: " + accepted + ".\n";
}

void append_section(const Section& section, std::string& out) {
  out += "\n## " + std::string(section.id) + "\n\n" + std::string(section.doc) + "\n\n";
  append_rows(section.rows, out);
}

void append_steps(std::string& out) {
  out +=
      "\n## steps\n\nA step is a map with one of these keys; a list of steps may contain "
      "lists.\n\n";
  std::vector<Row> rows;
  for (const StepKind& kind : detail::step_kinds()) rows.push_back(kind.row);
  append_rows(rows, out);
  for (const StepKind& kind : detail::step_kinds()) {
    if (!kind.siblings) continue;
    out += "\nBeside `" + std::string(kind.row.key) + "`:\n\n";
    append_rows(kind.siblings->rows, out);
  }
}

}  // namespace

std::string reference_manual() {
  std::string out(kHead);
  Collector collector;
  collector.add(detail::kScriptSection);
  bool has_steps = false;
  for (const Section* section : collector.sections) {
    if (section == &detail::kRequestSection && !std::exchange(has_steps, true)) append_steps(out);
    append_section(*section, out);
  }
  append_templates(out);
  return out;
}

}  // namespace slsart::script
