#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.h"
#include "script/detail/test_support.h"
#include "script/load.h"

// What people get told. Places, words and order are asserted, because they are what is used.

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

const std::string kStep = "    - get: {url: /}\n";

std::vector<std::string> told(const std::string& text) {
  const Loaded loaded = load_text(text);
  EXPECT_EQ(loaded.script.has_value(), !core::has_errors(loaded.diagnostics));
  return lines_of(loaded.diagnostics);
}

std::vector<std::string> told_of_config(const std::string& config) {
  return told(script_of("  target: http://x\n" + config, kStep));
}

std::vector<std::string> told_of_steps(const std::string& steps) {
  return told(script_of("  target: http://x\n", steps));
}

TEST(LoadErrors, TellsAllMistakesInSourceOrder) {
  const Loaded loaded = load_text(
      "config:\n"
      "  target: http://x\n"
      "  phases:\n"
      "    - duration: ten\n"
      "      arivalRate: 5\n"
      "      arrivalRate: -1\n"
      "  tmeout: 3\n"
      "scenarios:\n"
      "  - flow:\n"
      "      - gett: {}\n"
      "      - get:\n"
      "          url: /{{ a + b }}\n"
      "          capture: {json: \"$.a[\", as: x}\n"
      "          probability: often\n");
  EXPECT_THAT(
      lines_of(loaded.diagnostics),
      ElementsAre("4:17+3 error: expected a duration such as 20, \"500ms\" or \"1m 30s\", "
                  "found the text \"ten\"",
                  "5:7+10 warning: unknown key \"arivalRate\" in a phase",
                  "6:20+2 error: a rate cannot be negative, this is -1",
                  "7:3+6 warning: unknown key \"tmeout\" in config",
                  "10:9+4 error: unknown step \"gett\"",
                  "12:22+1 error: this is no template expression",
                  "13:31+1 error: an index, a quoted name, \"*\", \"?(\" or \"(\" is missing",
                  "14:24+5 error: expected a percentage, found the text \"often\""));
  EXPECT_EQ(loaded.diagnostics[1].hint, "did you mean \"arrivalRate\"?");
  EXPECT_EQ(loaded.diagnostics[3].hint, "did you mean \"timeout\"?");
  EXPECT_THAT(loaded.diagnostics[4].hint, HasSubstr("did you mean \"get\"?"));
}

TEST(LoadErrors, PointsIntoJmesPaths) {
  const Loaded loaded = load_text(
      "config: {target: http://x, plugins: {expect: {}}}\n"
      "scenarios:\n"
      "  - flow:\n"
      "      - get:\n"
      "          url: /\n"
      "          expect:\n"
      "            - jmespath: items[?id == 1]\n"
      "            - {jpath: 'lenght(items)', description: x}\n");
  EXPECT_THAT(lines_of(loaded.diagnostics),
              ElementsAre("7:38+1 error: a number stands between backticks: `10`",
                          "8:24+1 error: there is no function lenght()"));
  EXPECT_EQ(loaded.diagnostics[1].hint, "did you mean length()?");
}

TEST(LoadErrors, SaysWhatWasExpectedAndWhatWasFound) {
  const struct {
    std::string config;
    std::string told;
  } cases[] = {
      {"  phases: [{duration: 1, arrivalRate: ten}]\n",
       "3:39+3 error: expected a number of users per second, found the text \"ten\""},
      {"  phases: [{duration: 1, arrivalRate: [1]}]\n",
       "3:39+1 error: expected a number of users per second, found a list"},
      {"  phases: [{duration: 1, arrivalRate: }]\n",
       "3:26+11 error: expected a number of users per second, found nothing"},
      {"  phases: [{duration: 0, arrivalRate: 1}]\n",
       "3:23+1 error: a duration must be longer than 0"},
      {"  phases: [{duration: -5, arrivalRate: 1}]\n",
       "3:23+2 error: a duration cannot be negative, this is -5"},
      {"  phases: [{duration: 11y, arrivalRate: 1}]\n",
       "3:23+3 error: a duration cannot be longer than 10 years"},
      {"  phases: [{duration: 1, arrivalRate: 1e10}]\n",
       "3:39+4 error: a rate cannot be above a billion users per second"},
      {"  phases: [{duration: 1, arrivalCount: 1.5}]\n",
       "3:40+3 error: expected a whole number from 0, found the number 1.5"},
      {"  phases: [{duration: 1}]\n",
       "3:12+1 error: this phase does not say how many users arrive"},
      {"  phases: [{arrivalRate: 1}]\n", "3:12+1 error: this phase has no duration"},
      {"  phases: {duration: 1}\n", "3:11+1 error: expected a list of phases, found a map"},
      {"  phases: [{pause: 1, arrivalRate: 5}]\n",
       "3:23+11 warning: \"arrivalRate\" is ignored: this phase has \"pause\""},
      {"  mode: poison\n", "3:9+6 error: expected uniform or poisson, found the text \"poison\""},
      {"  http: {pool: many}\n",
       "3:16+4 error: expected a whole number from 1, found the text \"many\""},
      {"  tls: {ca: ./nope.pem}\n",
       "3:13+10 error: cannot read tls.ca: nope.pem: No such file or directory"},
      {"  payload: {path: nope.csv, fields: [a]}\n",
       "3:19+8 error: cannot read the payload: nope.csv: No such file or directory"},
      {"  payload: {path: x.csv, loadAll: true}\n",
       "3:12+1 error: a payload with loadAll needs \"name\""},
      {"  dialect: artillery3\n",
       "3:12+10 error: expected slsart, artillery1 or artillery2, found the text \"artillery3\""},
      {"  plugins: {expect: {outputFormat: prety}}\n",
       "3:36+5 error: expected failures, pretty, prettyError, json or silent, found the text "
       "\"prety\""},
      {"  plugins: {hdr: {}}\n",
       "3:13+3 warning: there is no plugin \"hdr\" here, it is ignored"},
      {"  apdex: {threshold: 0}\n", "3:22+1 error: the threshold must be above 0"},
      {"  ensure: {p95: fast}\n", "3:17+4 error: expected a number, found the text \"fast\""},
      {"  ensure: {p97: 5}\n", "3:12+3 warning: unknown key \"p97\" in ensure"},
      {"  ensure: {thresholds: {a: 1}}\n",
       "3:24+1 error: expected a list such as [ \"http.response_time.p95\": 200 ], found a map"},
      {"  ensure: {conditions: [{strict: false}]}\n",
       "3:25+1 error: a condition needs \"expression\": a text"},
      {"  ensure: {conditions: [{expression: vusers.failed = 0}]}\n",
       "3:52+1 error: this is no operator: \"=\"; equality is =="},
      {"  ensure: {conditions: [{expression: \"http.response_time < 5\"}]}\n",
       "3:39+18 error: \"http.response_time\" is a histogram: say which figure of it"},
      {"  ensure: {conditions: [{expression: 1 < http.respons_time.p95}]}\n",
       "3:42+21 warning: no part of this script records a metric \"http.respons_time.p95\""},
      {"  plugins: {ensure: {thresholds: [vusers.faild: 5]}}\n",
       "3:35+12 warning: no part of this script records a metric \"vusers.faild\""},
      {"  processor: ./p.js\n", "3:14+6 error: there is no file \"./p.js\""},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(told_of_config(c.config), testing::Contains(c.told)) << c.config;
  }
}

TEST(LoadErrors, PointsIntoSteps) {
  const struct {
    std::string steps;
    std::string told;
  } cases[] = {
      {"    - get: /x\n", "5:12+2 error: expected a map with a url, found the text \"/x\""},
      {"    - get:\n      url: /\n",
       "6:7+3 error: \"url\" may not stand beside \"get\" in one step"},
      {"    - get: {}\n", "5:12+1 error: this request has no \"url\""},
      {"    - get:\n", "5:7+3 error: a request needs \"url\""},
      {"    - think: soon\n",
       "5:14+4 error: expected a duration such as 20, \"500ms\" or \"1m 30s\", found the text "
       "\"soon\""},
      {"    - loop: [{get: {url: /}}]\n      cuont: 3\n",
       "6:7+5 error: \"cuont\" may not stand beside \"loop\" in one step"},
      {"    - loop: [{get: {url: /}}]\n      count: 5-2\n",
       "6:14+3 error: the range \"5-2\" ends before it starts"},
      {"    - loop: [{get: {url: /}}]\n", "5:7+4 warning: this loop never ends"},
      {"    - just text\n",
       "5:7+9 error: expected a step such as `get:` with a `url`, found the text \"just text\""},
      {"    - get: {url: /, capture: {as: x}}\n",
       "5:30+1 error: this does not say what to look at"},
      {"    - get: {url: /, capture: {json: $.a}}\n",
       "5:30+1 error: a capture needs \"as\": a text"},
      {"    - get: {url: /, capture: {xpath: '//a[', as: x}}\n",
       "5:42+1 error: this is no XPath: Unrecognized node test"},
      {"    - post: {url: /, formData: {f: {fromFile: [x]}}}\n",
       "5:47+1 error: \"fromFile\" must be the path of a file"},
      {"    - post: {url: /, formData: {f: {fromFile: '{{ x + 1 }}'}}}\n",
       "5:53+1 error: this is no template expression"},
      {"    - get: {url: /, headers: {a: {b: c}}}\n", "5:34+1 error: expected a text, found a map"},
      {"    - get: {url: /, capture: {selector: 'a >', as: x}}\n",
       "5:44+1 error: the selector ends too early"},
      {"    - get: {url: /, capture: {selector: a, index: -1, as: x}}\n",
       "5:51+2 error: an index counts from 0, this is -1"},
      {"    - get: {url: /, match: {regexp: \"a(\", value: 1}}\n",
       "5:39+1 error: this group is never closed"},
      {"    - get: {url: /, ifTrue: a && b}\n",
       "5:31+1 warning: this condition counts as true: this does not belong here: &"},
      {"    - get: {url: /, ifTrue: [a]}\n",
       "5:29+1 error: expected a condition such as \"level > 3\", found a list"},
      {"    - get: {url: status/200}\n",
       "5:18+10 warning: \"status/200\" is not an address: every user that comes here will fail"},
      {"    - post: {url: /, formData: {f: {fromFile: x}}}\n",
       "5:47+1 error: cannot read the file: x: No such file or directory"},
      {"    - parallel: {get: {url: /}}\n", "5:17+1 error: expected a list of steps, found a map"},
      {"    - parallel: [{get: {url: /}}]\n      limit: 0\n",
       "6:14+1 error: this must be at least 1, not 0"},
      {"    - function: f\n",
       "5:17+1 error: there is no function \"f\": the script has no config.processor"},
      {"    - get: {url: /, expect: {statusCode: ok}}\n",
       "5:42+2 error: expected a status code, found the text \"ok\""},
      {"    - get: {url: /, expect: [{validRegex: a}]}\n",
       "5:31+10 warning: unknown key \"validRegex\" in an expectation"},
      {"    - get: {url: /, expect: {matchesRegexp: \"a(\"}}\n",
       "5:47+1 error: this group is never closed"},
      {"    - get: {url: /, expect: {headerEquals: [a]}}\n",
       "5:44+1 error: headerEquals takes a pair of name and value"},
      {"    - get: {url: /, expect: {statusCode: 200}}\n",
       "5:29+1 warning: expectations are judged only with config.plugins.expect"},
  };
  for (const auto& c : cases) {
    EXPECT_THAT(told_of_steps(c.steps), testing::Contains(c.told)) << c.steps;
  }
}

TEST(LoadErrors, RefusesScriptsThatCannotRun) {
  EXPECT_THAT(told("config: {target: http://x}\n"),
              ElementsAre("1:1+6 error: the script has no scenarios"));
  EXPECT_THAT(told("scenarios: [{flow: [{get: {url: /}}]}]\n"),
              ElementsAre("1:33+1 error: No target specified, and this url is put behind it"));
  EXPECT_THAT(told("scenarios: [{flow: [{get: {url: \"http://x/\"}}]}]\n"), IsEmpty());
  EXPECT_THAT(
      told("config: {target: \"localhost:8080\"}\nscenarios: [{flow: [{get: {url: /}}]}]\n"),
      ElementsAre("1:18+16 error: the target must be an address with http:// or https://, "
                  "this is \"localhost:8080\""));
  EXPECT_THAT(
      told("config: {target: http://x}\nscenarios: [{weight: 0, flow: [{get: {url: /}}]}]\n"),
      ElementsAre("2:13+1 error: every scenario has the weight 0, so none can be chosen"));
  EXPECT_THAT(told("scenarios: [{weight: -1, flow: [{get: {url: \"http://x\"}}]}]\n"),
              ElementsAre("1:22+2 error: a weight cannot be negative, this is -1"));
  EXPECT_THAT(told("scenarios: [{engine: ws, flow: [{send: x}]}]\n"),
              ElementsAre("1:22+2 error: the engine \"ws\" is not supported yet"));
  EXPECT_THAT(told("a:1\nb:2\n"),
              ElementsAre("1:1+3 error: expected a map with config and scenarios, found the text "
                          "\"a:1 b:2\""));
}

TEST(LoadErrors, BoundsWhatIsPlannedSecondBySecond) {
  EXPECT_THAT(told_of_config("  phases: [{duration: 8 days, arrivalRate: 1, mode: poisson}]\n"),
              ElementsAre(HasSubstr("a Poisson phase cannot be longer than 7 days")));
  EXPECT_THAT(told_of_config("  phases: [{duration: 1000, arrivalRate: 200000, mode: poisson}]\n"),
              ElementsAre(HasSubstr("more than 100 million users")));
  EXPECT_THAT(told_of_config("  dialect: artillery2\n"
                             "  phases: [{duration: 8 days, arrivalRate: 1, rampTo: 2}]\n"),
              ElementsAre(HasSubstr("a ramp in this dialect")));
  EXPECT_THAT(told_of_config("  phases: [{duration: 8 days, arrivalRate: 1}]\n"), IsEmpty());
}

TEST(LoadErrors, AcceptsTheKeysOfTheWrapper) {
  EXPECT_THAT(told("_split: {maxChunkDurationInSeconds: 15}\nmode: acc\nsampling: {}\n_trace: 1\n"
                   "_invokeType: x\n_simulation: 1\n_start: 1\n_genesis: 1\nx-own: [1]\n"
                   "scenarios: [{flow: [{get: {url: \"http://x\"}}]}]\n"),
              IsEmpty());
}

TEST(LoadErrors, RefusesUnknownEnvironments) {
  LoadOptions options = options_for(
      script_of("  target: http://x\n  environments: {staging: {}, prod: {}}\n", kStep));
  options.environment = "stagng";
  const Loaded loaded = load(options);
  EXPECT_THAT(lines_of(loaded.diagnostics),
              ElementsAre("3:3+12 error: environment \"stagng\" is not defined"));
  EXPECT_EQ(loaded.diagnostics[0].hint, "did you mean \"staging\"? defined are staging, prod");
  options.sources = {detail::source_of(script_of("  target: http://x\n", kStep))};
  EXPECT_THAT(lines_of(load(options).diagnostics),
              ElementsAre("0:0+0 error: environment \"stagng\" is not defined: the script has no "
                          "config.environments"));
}

TEST(LoadErrors, NamesTheOptionThatIsWrong) {
  LoadOptions options = options_for(script_of("  target: http://x\n", kStep));
  options.overrides = "{a: [1";
  options.variables = "x";
  options.dialect = "artillery3";
  const Loaded loaded = load(options);
  ASSERT_THAT(loaded.diagnostics, SizeIs(3));
  EXPECT_EQ(loaded.diagnostics[0].message, "unknown dialect \"artillery3\"");
  EXPECT_EQ(loaded.diagnostics[1].span.source->name, "--overrides");
  EXPECT_EQ(loaded.diagnostics[2].span.source->name, "--variables");
}

TEST(LoadErrors, SaysOnceWhatAnAnchorRepeats) {
  EXPECT_THAT(told("config: {target: http://x}\nx-steps: &s [{think: soon}]\n"
                   "scenarios: [{flow: [*s]}, {flow: [*s]}]\n"),
              SizeIs(1));
}

TEST(LoadErrors, CannotReadWhatIsNoFile) {
  const auto missing = read_source("no-such-file.yml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, core::ErrorCode::kNotFound);
  const auto directory = read_source(testing::TempDir());
  ASSERT_FALSE(directory);
  EXPECT_THAT(directory.error().message, HasSubstr("directory"));
}

}  // namespace
}  // namespace slsart::script
