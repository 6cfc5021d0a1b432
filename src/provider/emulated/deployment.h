#pragma once

#include <string>

#include "run/deployment.h"

namespace slsart::provider::emulated {

// Deploys to this machine: copies the service's files and this program into the state folder,
// starts the service there (or tells the one that runs), in a session of its own, so that it
// outlives the terminal. Deployments of one user come after each other (a lock on the folder of all
// states).
class EmulatedDeployment final : public run::Deployment {
 public:
  // `program`: what becomes "bootstrap" and the service; usually this program itself.
  EmulatedDeployment(std::string state_folder, std::string program);

  core::Result<void> deploy(const run::DeploymentSpec& spec, const Progress& progress) override;
  core::Result<void> remove(const run::DeploymentSpec& spec, const Progress& progress) override;
  core::Result<run::DeploymentStatus> status(const run::DeploymentSpec& spec) override;
  core::Result<void> fence(const run::DeploymentSpec& spec, bool closed) override;

 private:
  core::Result<std::string> prepare_code(const run::DeploymentSpec& spec, const Progress& progress);
  core::Result<void> start_service(const Progress& progress);
  core::Result<void> end_service();
  void remove_old_code(const std::string& current, const std::string& previous);

  std::string folder_;
  std::string program_;
};

// The program that is deployed: SLSART_EXECUTOR when it is set (a path), else this one's file.
std::string executor_program();

}  // namespace slsart::provider::emulated
