#include <spdlog/sinks/stdout_sinks.h>

#include "node/log_writer.h"

namespace usher::node {

std::shared_ptr<spdlog::sinks::sink> stderr_sink() {
  return std::make_shared<spdlog::sinks::stderr_sink_st>();
}

}  // namespace usher::node
