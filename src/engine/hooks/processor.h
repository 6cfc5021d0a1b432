#pragma once

#include <memory>

#include "core/result.h"
#include "core/span.h"
#include "engine/flow/program.h"
#include "engine/hooks/world.h"
#include "expr/variables.h"

namespace slsart::hooks {
class NodeProcess;
}

namespace slsart::engine {

// The process that runs the processor's functions for one worker. Made on any thread, which must
// live as long as it; used by the worker it is handed to.
class HookProcess {
 public:
  // Errors: no Node, descriptors or processes used up.
  static core::Result<std::unique_ptr<HookProcess>> start(const Program& program,
                                                          const expr::Variables& shared,
                                                          const HookWorld& world);
  ~HookProcess();
  // Blocks until the processor is loaded. Errors: it cannot be.
  core::Result<void> await_ready();
  hooks::NodeProcess& node() { return *node_; }

 private:
  explicit HookProcess(std::unique_ptr<hooks::NodeProcess> node);
  std::unique_ptr<hooks::NodeProcess> node_;
};

// Loads the processor of a script once and looks whether every function the script names is there;
// nothing when the script has no processor. Errors are about the script: no Node, a processor that
// cannot be loaded, a function it does not have (in the artillery dialects a warning).
core::Diagnostics check_processor(const script::Script& script);

}  // namespace slsart::engine
