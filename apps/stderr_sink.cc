#include <spdlog/sinks/stdout_sinks.h>

#include "apps/log_writer.h"

namespace usher::apps {

std::shared_ptr<spdlog::sinks::sink> stderr_sink() {
  return std::make_shared<spdlog::sinks::stderr_sink_st>();
}

}  // namespace usher::apps
