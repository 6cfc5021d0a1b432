#include "script/schema.h"

#include <algorithm>

#include "core/check.h"
#include "script/detail/schema_table.h"

// How the tables become a JSON Schema: every section is one definition, found by walking from the
// top.

namespace slsart::script {
namespace {

using core::Value;
using detail::Row;
using detail::Section;
using detail::StepKind;
using detail::Support;
using detail::Type;

class SchemaWriter {
 public:
  Value script();

 private:
  Value type(const Type& type);
  Value reference(const Section& section);
  Value properties(std::span<const Row> rows);
  Value property(const Row& row);
  Value step();
  Value flow();

  Value definitions_ = Value(Value::Object{});
};

Value one_of(Value a, Value b) {
  return Value::make_object({{"anyOf", Value::List{std::move(a), std::move(b)}}});
}

Value reference_to(std::string_view id) {
  return Value::make_object({{"$ref", "#/$defs/" + std::string(id)}});
}

Value own_keys() {
  return Value::make_object({{"^x-", Value(Value::Object{})}});
}

std::string description_of(const Row& row) {
  std::string text(row.doc);
  const auto add = [&text](const std::string& sentence) {
    text += (text.empty() ? "" : " ") + sentence;
  };
  if (!row.fallback.empty()) add("Default: " + std::string(row.fallback) + ".");
  if (row.support == Support::kMissing) add("Not supported yet.");
  if (row.support == Support::kIgnored) add("Not available yet; ignored.");
  if (row.support == Support::kAccepted) add("Accepted without effect.");
  return text;
}

Value SchemaWriter::type(const Type& type) {
  switch (type.shape) {
    case Type::Shape::kAny:
    case Type::Shape::kScalar: {
      const auto schema = core::parse_json(type.json);
      SLSART_CHECK(schema.has_value());
      return *schema;
    }
    case Type::Shape::kChoice: {
      Value::List choices;
      for (const std::string_view choice : type.choices) choices.emplace_back(choice);
      const Value slot = Value::make_object({{"type", "string"}, {"pattern", "\\{\\{"}});
      return one_of(Value::make_object({{"enum", std::move(choices)}}), slot);
    }
    case Type::Shape::kSection:
      if (type.section->is_switch) {
        return one_of(reference(*type.section), Value::make_object({{"type", "boolean"}}));
      }
      return reference(*type.section);
    case Type::Shape::kList:
      return Value::make_object({{"type", "array"}, {"items", this->type(*type.items)}});
    case Type::Shape::kOneOrList: {
      const Value items = this->type(*type.items);
      return one_of(items, Value::make_object({{"type", "array"}, {"items", items}}));
    }
    case Type::Shape::kMap:
      return Value::make_object(
          {{"type", "object"}, {"additionalProperties", this->type(*type.items)}});
    case Type::Shape::kFlow:
      return flow();
  }
  return {};
}

Value SchemaWriter::property(const Row& row) {
  Value schema = type(*row.type);
  // Beside $ref other keywords are allowed since draft 2019-09.
  if (const std::string text = description_of(row); !text.empty()) schema.set("description", text);
  return schema;
}

Value SchemaWriter::properties(std::span<const Row> rows) {
  Value result{Value::Object{}};
  for (const Row& row : rows) result.set(row.key, property(row));
  return result;
}

Value SchemaWriter::reference(const Section& section) {
  if (!definitions_.find(section.id)) {
    definitions_.set(section.id, true);  // sections refer to each other
    Value::List required;
    for (const Row& row : section.rows) {
      if (row.required) required.emplace_back(row.key);
    }
    Value definition = Value::make_object({{"type", "object"},
                                           {"description", section.doc},
                                           {"properties", properties(section.rows)},
                                           {"patternProperties", own_keys()},
                                           {"additionalProperties", false}});
    if (!required.empty()) definition.set("required", std::move(required));
    definitions_.set(section.id, std::move(definition));
  }
  return reference_to(section.id);
}

// A step is a map with one kind of step and what may stand beside it; any other key is a request
// with a method of that name.
Value SchemaWriter::step() {
  Value keys{Value::Object{}};
  for (const StepKind& kind : detail::step_kinds()) {
    keys.set(kind.row.key, property(kind.row));
    if (!kind.siblings) continue;
    for (const Row& row : kind.siblings->rows) keys.set(row.key, property(row));
  }
  return Value::make_object({{"type", "object"},
                             {"minProperties", 1},
                             {"properties", std::move(keys)},
                             {"patternProperties", own_keys()},
                             {"additionalProperties", reference(detail::kRequestSection)}});
}

Value SchemaWriter::flow() {
  if (!definitions_.find("flow")) {
    definitions_.set("flow", Value::make_object(
                                 {{"type", "array"},
                                  {"items", one_of(reference_to("step"), reference_to("flow"))}}));
    definitions_.set("step", true);
    definitions_.set("step", step());
  }
  return reference_to("flow");
}

Value SchemaWriter::script() {
  const Value root = reference(detail::kScriptSection);
  Value result = Value::make_object(
      {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "slsart script"}});
  result.set("$ref", *root.find("$ref"));
  result.set("required", Value::List{"scenarios"});
  result.set("$defs", std::move(definitions_));
  return result;
}

}  // namespace

core::Value json_schema() {
  return SchemaWriter().script();
}

}  // namespace slsart::script
