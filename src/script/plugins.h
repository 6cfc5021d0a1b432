#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/span.h"
#include "core/time.h"

// What the reference does by plugins.
namespace slsart::script {

// A condition that the result must meet.
struct EnsureCondition {
  std::string text;        // as reports show it: "p95 < 200"
  std::string expression;  // for expr::Condition; passes if it gives something true
  bool strict = true;      // false: shown, but no verdict
  bool abort = false;      // ends the run as soon as it does not hold
};

struct Ensure {
  std::vector<EnsureCondition> conditions;
  // Conditions do not end the run before it is this old.
  core::Duration abort_after = std::chrono::seconds(10);
};

// What is printed of the expectations of a request.
enum class ExpectFormat {
  kFailures,     // those that failed, with the exchange, the first ones of each worker: the default
  kPretty,       // all of them
  kPrettyError,  // all requests of which one failed
  kJson,         // all, one JSON text a request
  kSilent,
};

// Expectations are judged only when the script asks for it.
struct ExpectSettings {
  bool is_on = false;
  ExpectFormat format = ExpectFormat::kFailures;
  bool fails_user = false;  // a failure is an error that ends the user
  bool names_only = false;  // such errors name the request by its name where it has one
};

// Figures by endpoint.
struct EndpointSettings {
  bool is_on = false;
  bool use_only_names = false;  // "name" instead of "/path (name)"
  bool strip_query = false;
  bool ignore_unnamed = false;
  bool group_dynamic_urls = true;  // by the url as it is written, with its slots
  std::string metrics_namespace = "plugins.metrics-by-endpoint";
};

struct ApdexSettings {
  bool is_on = false;
  core::Duration threshold = std::chrono::milliseconds(500);
};

}  // namespace slsart::script
