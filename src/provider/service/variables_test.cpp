#include "provider/service/variables.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "core/text.h"

namespace slsart::provider::service {
namespace {

// The value at `v` of a service file, as JSON; else what was told, "line:column message".
std::string value_of(const std::string& text, const VariableWorld& world = {}) {
  const auto source = std::make_shared<const core::Source>(core::Source{"serverless.yml", text});
  core::Diagnostics diagnostics;
  auto root = script::read_yaml(source, script::Tags::kCloudFormation, diagnostics);
  if (!root) return "not YAML";
  const script::Node* found = Variables(*root, world, diagnostics).find("v");
  if (!diagnostics.empty()) {
    const core::Diagnostic& first = diagnostics.front();
    return std::to_string(first.span.line) + ":" + std::to_string(first.span.column) + " " +
           first.message;
  }
  return found == nullptr ? "nothing" : core::to_json(script::to_value(*found));
}

struct Case {
  const char* text;
  const char* value;
};

TEST(Variables, TakeTheirValues) {
  const VariableWorld world{.options = {{"size", "2"}},
                            .parameters = {{"p", "given"}},
                            .environment = {{"HOME_OF", "x"}},
                            .instance_id = "i1"};
  const Case cases[] = {
      {"a: 5\nv: ${self:a}", "5"},
      {"a: {b: [1, 2]}\nv: ${self:a.b.1}", "2"},
      {"a: {b: [1, 2]}\nv: ${self:a}", R"({"b":[1,2]})"},
      {"a: 5\nv: x${self:a}y", R"("x5y")"},
      {"a: true\nv: ${self:a}", "true"},
      {"v: ${opt:size}", R"("2")"},
      {"v: ${opt:none, 'dev'}", R"("dev")"},
      {"v: ${opt:none, self:a, 7}", "7"},
      {"v: ${opt:none, 1.5}", "1.5"},
      {"v: ${opt:none, true}", "true"},
      {"v: ${opt:none, null}", "null"},
      {"v: ${opt:none, ''}", R"("")"},
      {"v: ${opt:none, ${opt:size}}", R"("2")"},
      {"v: ${env:HOME_OF}", R"("x")"},
      {"v: ${env:NOT_THERE, 'y'}", R"("y")"},
      {"v: ${opt:stage, self:provider.stage}", R"("dev")"},
      {"provider: {stage: prod}\nv: ${opt:stage, self:provider.stage}", R"("prod")"},
      {"v: ${opt:region, self:provider.region}", R"("us-east-1")"},
      {"v: ${sls:stage}-${sls:instanceId}", R"("dev-i1")"},
      {"v: ${aws:region}", R"("us-east-1")"},
      {"custom: {mem: {dev: 5}}\nv: ${self:custom.mem.${sls:stage}}", "5"},
      {"v: ${param:p}", R"("given")"},
      {"params: {default: {q: 1}, dev: {q: 2}}\nv: ${param:q}", "2"},
      {"params: {default: {r: 1}}\nv: ${param:r}", "1"},
      {"v: ${strToBool(true)}", "true"},
      {"v: ${strToBool(${opt:none, '0'})}", "false"},
      {"a: ${self:b}\nb: ${self:c}\nc: 3\nv: ${self:a}", "3"},
      {"v: ${AWS::Region}", R"("${AWS::Region}")"},
      {"v: ${Topic.TopicName} ${Plain}", R"("${Topic.TopicName} ${Plain}")"},
      {"v: '\\${self:a}'", R"("${self:a}")"},
      {"v: !Sub '${AWS::Region}-${self:a}'\na: z", R"({"Fn::Sub":"${AWS::Region}-z"})"},
      {"v: !GetAtt a.b.c", R"({"Fn::GetAtt":["a","b.c"]})"},
      {"v: !If [c, !Ref x, 1]", R"({"Fn::If":["c",{"Ref":"x"},1]})"},
  };
  for (const Case& one : cases) EXPECT_EQ(value_of(one.text, world), one.value) << one.text;
}

TEST(Variables, TellWhatIsMissingOrWrong) {
  const Case cases[] = {
      {"v: ${opt:stage}", "1:6 there is nothing for \"${opt:stage}\""},
      {"v: x ${self:a.b}", "1:8 there is nothing for \"${self:a.b}\""},
      {"v: ${slef:a}", "1:6 there is no source of values \"slef:a\""},
      {"v: ${self:a", "1:4 this variable has no end"},
      {"v: ${opt:x, dev}", "1:13 \"dev\" is no source of a value"},
      {"v: ${opt:x, 'dev}", "1:13 this quote is never closed"},
      {"v: ${file(a.yml}", "1:10 this bracket is never closed"},
      {"v: ${cf:stack.out}",
       "1:6 \"${cf:stack.out}\" asks cf of an AWS account; this provider has none"},
      {"v: ${ssm:/a/b}", "1:6 \"${ssm:/a/b}\" asks ssm of an AWS account; this provider has none"},
      {"v: ${aws:accountId}",
       "1:6 \"${aws:accountId}\" asks aws of an AWS account; this provider has none"},
      {"v: ${s3:b/k, 'x'}", "\"x\""},
      {"v: ${file(./x.js):a}", "1:6 \"./x.js\" is a program, and none is run here"},
      {"v: ${strToBool(perhaps)}", "1:6 strToBool takes true, false, 1 or 0, this is \"perhaps\""},
      {"a: {b: 1}\nv: x${self:a}",
       "2:5 \"${self:a}\" is a map; only a text or a number can stand "
       "inside of a text"},
      {"v: ${self:v}", "1:4 this value needs itself: v -> v"},
      {"a: ${self:b}\nb: ${self:v}\nv: ${self:a}", "3:4 this value needs itself: v -> a -> b -> v"},
      {"a: {b: '${self:a}'}\nv: ${self:a}", "1:4 this value needs itself: a -> a.b -> a"},
  };
  for (const Case& one : cases) EXPECT_EQ(value_of(one.text), one.value) << one.text;
}

TEST(Variables, ReadOtherFiles) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("slsart-variables-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const auto write = [&](const char* name, const char* text) {
    ASSERT_TRUE(core::write_file((folder / name).string(), text));
  };
  write("more.yml", "dev: {size: 7, again: '${self:a}'}\n");
  write("more.json", R"({"list": [1, 2]})");
  write("text.txt", "hello\n");
  const VariableWorld world{.directory = folder.string()};
  const Case cases[] = {
      {"v: ${file(./more.yml):${sls:stage}.size}", "7"},
      {"a: 9\nv: ${file(more.yml):dev}", R"({"size":7,"again":9})"},
      {"v: ${file(more.json):list.1}", "2"},
      {"v: ${file(text.txt)}", R"("hello")"},
      {"v: ${file(not-there.yml):a, 'x'}", R"("x")"},
      {"v: ${file(more.yml):prod, 'x'}", R"("x")"},
  };
  for (const Case& one : cases) EXPECT_EQ(value_of(one.text, world), one.value) << one.text;
  std::filesystem::remove_all(folder);
}

// Each doubles the one before: what would be gigabytes ends with a message.
TEST(Variables, EndWhereCopiesExplode) {
  std::string text = "a0: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n";
  std::string lists = "a0: [1, 2, 3, 4]\n";
  for (int i = 1; i <= 40; ++i) {
    const std::string before = "${self:a" + std::to_string(i - 1) + "}";
    text += "a" + std::to_string(i) + ": '" + before + before + "'\n";
    lists += "a" + std::to_string(i) + ": ['" + before + "', '" + before + "']\n";
  }
  EXPECT_NE(value_of(text + "v: ${self:a40}").find("million"), std::string::npos);
  EXPECT_NE(value_of(lists + "v: ${self:a20}").find("copy this more often"), std::string::npos);
}

}  // namespace
}  // namespace slsart::provider::service
