#include "script/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.h"
#include "script/detail/test_support.h"

// What options do to a script, and what the parts of a good script become.

namespace slsart::script {
namespace {

using detail::lines_of;
using detail::load_text;
using detail::options_for;
using detail::script_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

const std::string kStep = "    - get: {url: /}\n";

Script good(const Loaded& loaded) {
  EXPECT_THAT(lines_of(loaded.diagnostics), IsEmpty());
  return loaded.script.value_or(Script{});
}

Script good_script(const std::string& config, const std::string& steps) {
  return good(load_text(script_of("  target: http://x\n" + config, steps)));
}

std::string write_temporary(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name;
  EXPECT_TRUE(core::write_file(path, text));
  return path;
}

// --- phases ---

TEST(Load, TypesEveryFormOfPhase) {
  const Script script = good_script(
      "  mode: poisson\n"
      "  phases:\n"
      "    - {duration: 10, arrivalRate: 0.1, name: slow, maxVusers: 5}\n"
      "    - {duration: 1m, arrivalRate: \"2\", rampTo: 50, mode: uniform}\n"
      "    - {duration: \"1m 30s\", rampTo: 3}\n"
      "    - {duration: 5, arrivalCount: \"7\"}\n"
      "    - {pause: 500ms}\n"
      "    - {duration: 5, arrivalRate: 0}\n",
      kStep);
  ASSERT_THAT(script.config.phases, SizeIs(6));
  const auto& phases = script.config.phases;
  const auto& constant = std::get<Constant>(phases[0].load);
  EXPECT_EQ(constant.rate.nano_per_second, 100'000'000);
  EXPECT_EQ(constant.duration, 10s);
  EXPECT_EQ(phases[0].name, "slow");
  EXPECT_EQ(phases[0].max_vusers, 5);
  EXPECT_EQ(phases[0].mode, ArrivalMode::kPoisson);
  EXPECT_EQ(core::to_json(phases[0].written),
            R"({"duration":10,"arrivalRate":0.1,"name":"slow","maxVusers":5})");
  EXPECT_EQ(detail::place_of(phases[0].span), "5:7+1");
  const auto& ramp = std::get<Ramp>(phases[1].load);
  EXPECT_EQ(ramp.to.nano_per_second, 50'000'000'000);
  EXPECT_EQ(ramp.duration, 60s);
  EXPECT_EQ(phases[1].mode, ArrivalMode::kUniform);
  EXPECT_EQ(std::get<Ramp>(phases[2].load).from.nano_per_second, 0);
  EXPECT_EQ(std::get<Count>(phases[3].load).arrivals, 7);
  EXPECT_EQ(std::get<Pause>(phases[4].load).duration, 500ms);
  EXPECT_EQ(std::get<Pause>(phases[5].load).duration, 5s);
}

TEST(Load, GivesAScriptWithoutPhasesOneUser) {
  const Script script = good_script("", kStep);
  ASSERT_THAT(script.config.phases, SizeIs(1));
  EXPECT_EQ(std::get<Count>(script.config.phases[0].load).arrivals, 1);
}

// --- steps ---

TEST(Load, TypesARequest) {
  const Script script = good_script(
      "  defaults: {headers: {A: \"{{ b }}\"}, cookie: {c: d}, strictCapture: false}\n"
      "  timeout: 2\n  http: {timeout: 3, pool: 4}\n",
      "    - post:\n"
      "        uri: \"/a/{{ id }}\"\n"
      "        name: label\n"
      "        qs: {n: 1}\n"
      "        headers: {X-One: 1.50}\n"
      "        json: {\"{{ k }}\": \"{{ v }}\", n: [1]}\n"
      "        auth: {username: ann, password: \"\"}\n"
      "        followRedirect: false\n"
      "        gzip: \"true\"\n"
      "        timeout: 500ms\n"
      "        probability: 50\n"
      "        capture: [{json: $.a, as: a}, {regexp: x(.), group: 1, as: b.c, strict: true}]\n"
      "        match: {header: etag, value: 1, strict: false}\n");
  EXPECT_EQ(script.config.http.timeout, 2s);
  EXPECT_EQ(script.config.http.pool, 4);
  EXPECT_EQ(script.config.http.default_headers.at(0).name, "A");
  EXPECT_FALSE(script.config.http.default_headers.at(0).value.is_static());
  EXPECT_THAT(script.config.http.default_cookies, SizeIs(1));
  ASSERT_THAT(script.scenarios, SizeIs(1));
  const auto& step = std::get<HttpStep>(script.scenarios[0].flow.at(0).what);
  EXPECT_EQ(step.method, "POST");
  EXPECT_EQ(step.url.source(), "/a/{{ id }}");
  EXPECT_EQ(step.name->source(), "label");
  EXPECT_EQ(step.headers.at(0).value.source(), "1.5");  // a number, as JavaScript writes it
  EXPECT_TRUE(std::holds_alternative<JsonBody>(step.body));
  EXPECT_EQ(step.auth->user.source(), "ann");
  EXPECT_FALSE(step.follow_redirect);
  EXPECT_EQ(step.gzip, true);
  EXPECT_EQ(step.timeout, 500ms);
  ASSERT_TRUE(script.scenarios[0].flow[0].probability);
  EXPECT_EQ(script.scenarios[0].flow[0].probability->evaluate({}), core::Value(50));
  ASSERT_THAT(step.captures, SizeIs(2));
  EXPECT_FALSE(step.captures[0].strict);
  EXPECT_TRUE(step.captures[1].strict);
  ASSERT_THAT(step.matches, SizeIs(1));
  EXPECT_FALSE(step.matches[0].strict);
  EXPECT_EQ(step.matches[0].expression, "etag");
  EXPECT_EQ(detail::place_of(step.span), "8:7+4");
}

TEST(Load, TakesAProbabilityOnEveryKindOfStep) {
  const std::string path = write_temporary("likely.js", "module.exports = {};\n");
  const Script script = good_script("  processor: " + path + "\n",
                                    "    - {think: 1, probability: 10}\n"
                                    "    - {log: hello, probability: \"20\"}\n"
                                    "    - {loop: [{get: {url: /}}], count: 2, probability: 30}\n"
                                    "    - {parallel: [{get: {url: /}}], probability: 40}\n"
                                    "    - {function: noop, probability: 50, ifTrue: \"1 == 1\"}\n"
                                    "    - {get: {url: /, probability: \"{{ p }}\"}}\n");
  const auto& flow = script.scenarios.at(0).flow;
  ASSERT_THAT(flow, SizeIs(6));
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(flow[i].probability) << i;
    EXPECT_EQ(flow[i].probability->evaluate({}), core::Value(10 * static_cast<int>(i + 1)));
  }
  EXPECT_TRUE(flow[4].if_true);
  ASSERT_TRUE(flow[5].probability);
  EXPECT_FALSE(flow[5].probability->is_static());
}

TEST(Load, TakesTheFirstOfSeveralBodies) {
  const Loaded loaded =
      load_text(script_of("  target: http://x\n",
                          "    - post: {url: /, form: {a: 1}, body: text, formData: {b: 2}}\n"));
  EXPECT_THAT(lines_of(loaded.diagnostics),
              ElementsAre("5:22+4 warning: \"form\" is ignored: this request has \"body\"",
                          "5:48+8 warning: \"formData\" is ignored: this request has \"body\""));
  const auto& step = std::get<HttpStep>(loaded.script->scenarios[0].flow[0].what);
  EXPECT_EQ(std::get<TextBody>(step.body).text.source(), "text");
}

TEST(Load, TypesOtherSteps) {
  const Script script =
      good_script("  defaults: {think: {jitter: 20%}}\n",
                  "    - think: 0.5\n"
                  "    - think: \"{{ pause }}\"\n      jitter: 500\n"
                  "    - log: hello\n"
                  "    - [{purge: {url: /}}, [{GET: {url: /}}]]\n"
                  "    - loop: [{get: {url: /}}]\n      count: \"2-5\"\n      loopValue: i\n"
                  "    - loop: [{get: {url: /}}]\n      over: [a, \"{{ b }}\"]\n"
                  "    - loop: [{get: {url: /}}]\n      over: list.of\n      loopElement: e\n");
  const auto& flow = script.scenarios.at(0).flow;
  ASSERT_THAT(flow, SizeIs(8));
  EXPECT_EQ(std::get<ThinkStep>(flow[0].what).constant, 500ms);
  EXPECT_EQ(std::get<ThinkStep>(flow[0].what).jitter, core::Value("20%"));
  EXPECT_FALSE(std::get<ThinkStep>(flow[1].what).constant);
  EXPECT_EQ(std::get<ThinkStep>(flow[1].what).jitter, core::Value(500));
  EXPECT_EQ(std::get<LogStep>(flow[2].what).text.source(), "hello");
  EXPECT_EQ(std::get<HttpStep>(flow[3].what).method, "PURGE");
  EXPECT_EQ(std::get<HttpStep>(flow[4].what).method, "GET");
  const auto& range = std::get<LoopStep>(flow[5].what);
  EXPECT_EQ(range.count->source(), "2-5");
  EXPECT_EQ(script.symbols->name(range.index), "i");
  EXPECT_EQ(script.symbols->name(range.element), "$loopElement");
  EXPECT_TRUE(std::get<LoopStep>(flow[6].what).over_list);
  const auto& over = std::get<LoopStep>(flow[7].what);
  EXPECT_EQ(over.over_variable->source(), "{{ list.of }}");
  EXPECT_EQ(script.symbols->name(over.element), "e");
}

TEST(Load, TakesDefaultsOfCapturesFromTheDialect) {
  const std::string step = "    - get: {url: /, capture: {json: $.a, as: a}}\n";
  const auto strict = [&](const std::string& dialect) {
    const Script script = good_script("  dialect: " + dialect + "\n", step);
    return std::get<HttpStep>(script.scenarios.at(0).flow.at(0).what).captures.at(0).strict;
  };
  EXPECT_TRUE(strict("slsart"));
  EXPECT_FALSE(strict("artillery1"));
}

// What only artillery 1 does differently in matches.
TEST(Load, FalsyMatchesAreNothingInArtilleryOne) {
  const std::string text =
      "config: {target: \"http://x\"}\nscenarios: [{flow: [{get: {url: /, match: [{json: $.a, "
      "value: "
      "0}, {json: $.b, value: 1}]}}]}]\n";
  for (const auto& [dialect, count] :
       {std::pair{"slsart", 2U}, {"artillery2", 2U}, {"artillery1", 1U}}) {
    LoadOptions options;
    options.sources = {std::make_shared<core::Source>(core::Source{"test.yml", text})};
    options.dialect = dialect;
    const Loaded loaded = load(options);
    ASSERT_TRUE(loaded.script) << dialect;
    const auto& step = std::get<HttpStep>(loaded.script->scenarios[0].flow[0].what);
    EXPECT_EQ(step.matches.size(), count) << dialect;
  }
}

TEST(Load, LeavesBadTemplatesToTheArtilleryDialects) {
  LoadOptions options =
      options_for(script_of("  target: http://x\n", "    - get: {url: \"/{{ a + b }}\"}\n"));
  EXPECT_THAT(lines_of(load(options).diagnostics), SizeIs(1));
  options.dialect = "artillery2";
  good(load(options));
}

// --- options ---

TEST(Load, MergesTheEnvironmentByIndex) {
  LoadOptions options = options_for(
      script_of("  target: http://x\n"
                "  phases: [{duration: 1, arrivalCount: 1}, {pause: 2}]\n"
                "  environments:\n    staging:\n      target: http://s\n"
                "      phases: [{arrivalCount: 9}]\n      variables: {v: \"{{ $environment }}\"}\n",
                kStep));
  options.environment = "staging";
  const Script script = good(load(options));
  EXPECT_EQ(script.config.target, "http://s");
  EXPECT_EQ(detail::place_of(script.config.target_span), "6:15+8");
  ASSERT_THAT(script.config.phases, SizeIs(2));
  EXPECT_EQ(std::get<Count>(script.config.phases[0].load).arrivals, 9);
  EXPECT_EQ(script.config.variables.at(0).value, core::Value("staging"));
  EXPECT_EQ(script.config.environment, "staging");
}

TEST(Load, AppliesOptionsInOrder) {
  LoadOptions options = options_for(
      script_of("  target: http://x\n  phases: [{duration: 1, arrivalCount: 1}, {pause: 2}]\n"
                "  variables: {v: base}\n",
                kStep));
  options.target = "http://y";
  options.insecure = true;
  options.overrides = R"({"config": {"phases": [{"duration": 2, "arrivalCount": 2}]}})";
  options.variables = R"({"v": "cli", "w": 1})";
  const Script script = good(load(options));
  EXPECT_EQ(script.config.target, "http://y");
  EXPECT_FALSE(script.config.tls.reject_unauthorized);
  ASSERT_THAT(script.config.phases, SizeIs(1));  // lists are replaced
  EXPECT_EQ(script.config.phases[0].span.source->name, "--overrides");
  ASSERT_THAT(script.config.variables, SizeIs(2));
  EXPECT_EQ(script.config.variables[0].value, core::Value("cli"));
}

TEST(Load, MergesLaterSourcesOverEarlierOnes) {
  LoadOptions options = options_for("config: {target: http://x, timeout: 3}\n");
  options.sources.push_back(detail::source_of(
      "config: {target: http://y}\nscenarios: [{flow: [{get: {url: /}}]}]\n", "second.yml"));
  const Script script = good(load(options));
  EXPECT_EQ(script.config.target, "http://y");
  EXPECT_EQ(script.config.target_span.source->name, "second.yml");
  EXPECT_EQ(script.config.http.timeout, 3s);
}

TEST(Load, FillsTheSlotsOfConfigOnce) {
  LoadOptions options = options_for(script_of(
      "  target: \"http://{{ $processEnvironment.HOST }}/{{ $environment }}\"\n"
      "  phases: [{duration: \"{{ time }}\", arrivalRate: \"{{ $env.RATE }}\"}]\n"
      "  variables: {time: 30, own: \"{{ $randomNumber(4, 4) }}\", dir: \"{{ $testId }}\"}\n"
      "  defaults: {headers: {a: \"{{ time }}-{{ user }}\"}}\n",
      kStep));
  options.process_environment = {{"HOST", "h"}, {"RATE", "5"}};
  options.test_id = "t1";
  const Script script = good(load(options));
  EXPECT_EQ(script.config.target, "http://h/");  // no -e: empty
  const auto& phase = std::get<Constant>(script.config.phases.at(0).load);
  EXPECT_EQ(phase.duration, 30s);
  EXPECT_EQ(phase.rate.nano_per_second, 5'000'000'000);
  EXPECT_EQ(script.config.variables.at(1).value, core::Value(4));
  EXPECT_EQ(script.config.variables.at(2).value, core::Value("t1"));
  EXPECT_EQ(script.config.http.default_headers.at(0).value.source(), "30-{{ user }}");
}

TEST(Load, WarnsOfSlotsItCannotFill) {
  const Loaded loaded = load_text(script_of(
      "  target: http://x\n  variables: {a: \"{{ user }}\", b: \"x{{ $env.NOPE }}\"}\n", kStep));
  EXPECT_THAT(lines_of(loaded.diagnostics),
              ElementsAre("3:19+1 warning: config does not know \"user\"; it stays as written",
                          "3:37+1 warning: {{ $env.NOPE }}: this environment variable is not set"));
  EXPECT_TRUE(loaded.script);
}

TEST(Load, RefusesHeaderNamesThatWouldBreakTheRequest) {
  const Loaded loaded = load(options_for(script_of(
      "  target: http://x\n  defaults: {headers: {\"a b\": x}}\n",
      "    - get: {url: /, headers: {\"X-{{ k }}\": 1, \"x\\nY\": 2, \"X-Good_1\": 3}}\n")));
  EXPECT_THAT(loaded.diagnostics, SizeIs(3));
  EXPECT_FALSE(loaded.script.has_value());
}

TEST(Load, ChoosesScenarios) {
  LoadOptions options = options_for(
      "config: {target: http://x, variables: {w: 3}}\nscenarios:\n"
      "  - {name: browse, weight: \"{{ w }}\", flow: [{get: {url: /}}]}\n"
      "  - {name: buy, flow: [{get: {url: /}}]}\n"
      "  - {name: never, weight: 0, flow: [{get: {url: /}}]}\n");
  const Script all = good(load(options));
  ASSERT_THAT(all.scenarios, SizeIs(2));
  EXPECT_EQ(all.scenarios[0].weight, 3);
  options.scenario_name = "^bu";
  options.solo = true;
  const Script one = good(load(options));
  ASSERT_THAT(one.scenarios, SizeIs(1));
  EXPECT_EQ(one.scenarios[0].name, "buy");
  EXPECT_EQ(std::get<Count>(one.config.phases.at(0).load).arrivals, 1);
  options.scenario_name = "b";
  const Loaded several = load(options);
  EXPECT_THAT(lines_of(several.diagnostics),
              ElementsAre("0:0+0 error: --scenario-name \"b\" fits several scenarios"));
  EXPECT_THAT(several.diagnostics[0].hint, HasSubstr("\"browse\", \"buy\""));
}

TEST(Load, ReadsPayloads) {
  LoadOptions options = options_for(
      script_of("  target: http://x\n  variables: {b: 1}\n"
                "  payload: {path: slsart_users.csv, fields: [a, b], order: sequence}\n",
                kStep));
  write_temporary("slsart_users.csv", "x,1\ny,2\n");
  options.directory = testing::TempDir();
  const Loaded loaded = load(options);
  EXPECT_THAT(lines_of(loaded.diagnostics),
              ElementsAre("4:45+1 warning: the column \"b\" is hidden by the variable of that name "
                          "in config.variables"));
  ASSERT_TRUE(loaded.script);
  ASSERT_THAT(loaded.script->config.payloads, SizeIs(1));
  const expr::Payload& payload = loaded.script->config.payloads[0];
  EXPECT_EQ(payload.row_count(), 2U);
  expr::Variables variables;
  payload.assign(1, variables);
  EXPECT_EQ(*variables.find(*loaded.script->symbols->find("a")), core::Value("y"));
  EXPECT_EQ(variables.find(*loaded.script->symbols->find("b")), nullptr);
}

TEST(Load, ListsTheFilesOfTheScriptAndTakesThemFromElsewhere) {
  LoadOptions options = options_for(script_of(
      "  target: http://x\n  payload: {path: data/slsart_far.csv, fields: [a]}\n", kStep));
  const std::string path = write_temporary("slsart_far_away.csv", "x\n");
  options.files["data/slsart_far.csv"] = path;
  const Script script = *load(options).script;
  EXPECT_EQ(script.files, (std::vector<NamedFile>{{.name = "data/slsart_far.csv", .path = path}}));

  options = options_for(script_of("  target: http://x\n  payload: {fields: [a]}\n", kStep));
  options.payload = path;
  EXPECT_EQ(load(options).script->files, (std::vector<NamedFile>{{.name = path, .path = path}}));
  const std::string other = write_temporary("slsart_moved.csv", "y\nz\n");
  options.files[path] = other;
  EXPECT_EQ(load(options).script->config.payloads[0].row_count(), 2U);
}

TEST(Load, TellsFaultsOfAPayloadInItsOwnFile) {
  LoadOptions options =
      options_for(script_of("  target: http://x\n  payload: {fields: [a]}\n", kStep));
  options.payload = write_temporary("slsart_bad.csv", "x\n\"y\n");
  const Loaded loaded = load(options);
  ASSERT_THAT(loaded.diagnostics, SizeIs(1));
  EXPECT_EQ(loaded.diagnostics[0].span.source->name, *options.payload);
  EXPECT_EQ(loaded.diagnostics[0].span.line, 2U);
}

TEST(Load, HidesSecretsInTheReportedScript) {
  const Script script = good_script(
      "  variables: {apiKey: abc, user: ann}\n  defaults: {headers: {Authorization: x}}\n", kStep);
  const core::Value& config = *script.merged.find("config");
  const std::string variables = "{\"apiKey\":\"(hidden)\",\"user\":\"ann\"}";
  const std::string defaults = "{\"headers\":{\"Authorization\":\"(hidden)\"}}";
  EXPECT_EQ(core::to_json(*config.find("variables")), variables);
  EXPECT_EQ(core::to_json(*config.find("defaults")), defaults);
}

TEST(Load, ExpectationsAreJudgedWhereThePluginIs) {
  const std::string step =
      "    - get: {url: /, expect: [{statusCode: 200}, {contentType: json}]}\n"
      "    - get: {url: /x}\n";
  const auto expectations = [&](const std::string& config) {
    const Loaded loaded = load_text(script_of("  target: http://x\n" + config, step));
    std::vector<std::size_t> counts;
    for (const Step& s : loaded.script.value().scenarios[0].flow) {
      counts.push_back(std::get<HttpStep>(s.what).expectations.size());
    }
    return std::pair(counts, loaded.diagnostics.size());
  };
  using Expected = std::pair<std::vector<std::size_t>, std::size_t>;
  EXPECT_EQ(expectations(""), Expected({0, 0}, 1));
  EXPECT_EQ(expectations("  environments: {check: {plugins: {expect: {}}}}\n"),
            Expected({0, 0}, 0));
  EXPECT_EQ(expectations("  plugins: {expect: {}}\n"), Expected({2, 0}, 0));
  EXPECT_EQ(expectations("  plugins: {expect: {expectDefault200: true}}\n"), Expected({2, 1}, 0));
}

TEST(Load, ReadsTheSettingsOfWhatPluginsDoInTheReference) {
  const Loaded loaded = load_text(script_of(
      "  target: http://x\n"
      "  apdex: {threshold: 100}\n"
      "  plugins:\n"
      "    apdex: {threshold: 7}\n"
      "    expect: {formatter: json, outputFormat: pretty, reportFailuresAsErrors: \"false\"}\n"
      "    metrics-by-endpoint: {stripQueryString: true, metricsNamespace: mine}\n",
      "    - get: {url: /}\n"));
  ASSERT_TRUE(loaded.script);
  const Config& config = loaded.script->config;
  EXPECT_EQ(config.apdex.threshold, std::chrono::milliseconds(100));
  EXPECT_EQ(config.expect.format, ExpectFormat::kJson);
  EXPECT_FALSE(config.expect.fails_user);
  EXPECT_TRUE(config.endpoints.is_on);
  EXPECT_TRUE(config.endpoints.strip_query);
  EXPECT_TRUE(config.endpoints.group_dynamic_urls);
  EXPECT_EQ(config.endpoints.metrics_namespace, "mine");
}

}  // namespace
}  // namespace slsart::script
