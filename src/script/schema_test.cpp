#include "script/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "core/text.h"
#include "script/detail/schema_table.h"
#include "script/detail/test_support.h"
#include "script/detail/validate.h"

namespace slsart::script {
namespace {

using detail::Row;
using detail::Section;
using detail::StepKind;
using detail::Support;
using detail::Type;

// Every row of every table once.
class Rows {
 public:
  std::vector<const Row*> all;

  Rows() {
    add(detail::kScriptSection);
    for (const StepKind& kind : detail::step_kinds()) {
      add(kind.row);
      if (kind.siblings) add(*kind.siblings);
    }
  }

 private:
  void add(const Section& section) {
    if (!seen_.insert(&section).second) return;
    for (const Row& row : section.rows) add(row);
  }
  void add(const Row& row) {
    all.push_back(&row);
    add(*row.type);
  }
  void add(const Type& type) {
    if (type.items) add(*type.items);
    if (type.section) add(*type.section);
  }

  std::set<const Section*> seen_;
};

TEST(Schema, EveryExampleIsRight) {
  for (const Row* row : Rows().all) {
    if (row->support != Support::kYes) continue;
    ASSERT_FALSE(row->doc.empty()) << row->key;
    ASSERT_FALSE(row->example.empty()) << row->key;
    detail::Report report;
    const std::string text = std::string(row->key) + ": " + std::string(row->example) + "\n";
    auto node = detail::read_yaml(detail::source_of(text), report);
    ASSERT_TRUE(node) << text;
    detail::validate_value(*row->type, node->entries.front().value, report);
    EXPECT_FALSE(report.has_errors())
        << text << testing::PrintToString(detail::lines_of(report.diagnostics()));
  }
}

TEST(Schema, EveryReferenceOfTheJsonSchemaIsDefined) {
  const core::Value schema = json_schema();
  const core::Value& definitions = *schema.find("$defs");
  std::vector<const core::Value*> left{&schema};
  std::size_t references = 0;
  while (!left.empty()) {
    const core::Value& value = *left.back();
    left.pop_back();
    if (value.is_list()) {
      for (const core::Value& item : value.as_list()) left.push_back(&item);
    }
    if (!value.is_object()) continue;
    for (const core::Member& member : value.as_object()) {
      if (member.key == "$ref" && member.value.is_string()) {
        ++references;
        const std::string name = member.value.as_string().substr(std::string("#/$defs/").size());
        EXPECT_NE(definitions.find(name), nullptr) << name;
      }
      left.push_back(&member.value);
    }
  }
  EXPECT_GT(references, 10U);
}

// Regenerate with SLSART_UPDATE_DOCS=1 build/<preset>/tests/script_test, at the repository's
// root.
TEST(Schema, ManualIsInStepWithTheTables) {
  const std::string path = "docs/script-reference.md";
  if (std::getenv("SLSART_UPDATE_DOCS")) {
    ASSERT_TRUE(core::write_file(path, reference_manual()));
  }
  const auto written = core::read_file(path);
  ASSERT_TRUE(written);
  EXPECT_EQ(*written, reference_manual());
}

}  // namespace
}  // namespace slsart::script
