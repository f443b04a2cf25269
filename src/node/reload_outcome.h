// What became of a reload: for the log, and for the caller of POST /admin/reload.
//
// Pure.
#pragma once

#include <string>
#include <vector>

#include "base/log.h"
#include "config/config_values.h"
#include "gateway/node_control.h"

namespace usher::node {

struct ReloadOutcome {
  std::vector<std::string> faults;  // sentences; if not empty, nothing was changed
  std::vector<std::string> warnings{};
  std::vector<config::ConfigChange> changes{};  // needs_restart: left as it was

  bool ok() const { return faults.empty(); }
};

void log_outcome(const ReloadOutcome& outcome, Log& log);

gateway::NodeControl::Answer to_answer(const ReloadOutcome& outcome);

// Returns the answer of GET /admin/config.
std::string to_json(const std::vector<config::ConfigValue>& values);

}  // namespace usher::node
