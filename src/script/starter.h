#pragma once

#include <string>

#include "core/result.h"

namespace slsart::script {

// What the first script of a user is to do.
struct StarterOptions {
  std::string endpoint;      // "http://host[:port][/path]"; empty: http://aws.amazon.com
  double duration_s = 0;     // 0: 5
  double users_per_s = 0;    // 0: 2
  double ramp_to_per_s = 0;  // 0: no ramp
};

struct Starter {
  std::string text;    // commented YAML
  std::string remark;  // what was assumed, for the user; empty: nothing
};

// A script with one phase and one GET, as `script` of serverless-artillery 0.5.2 writes it: the
// endpoint's scheme, user and host become the target, all behind them the url. An endpoint without
// scheme is taken as http (there: "null//null"). Templates in it stay as they are.
//
// Errors, kInvalidInput: a scheme that cannot be loaded, no host, a negative number.
core::Result<Starter> make_starter(const StarterOptions& options);

}  // namespace slsart::script
