#include "engine/engine.h"

#include "base/check.h"

namespace usher::engine {

std::unique_ptr<Engine> make_engine(EngineParts parts) {
  switch (parts.config.engine.type) {
    case config::EngineType::memory:
      return make_memory_engine(std::move(parts));
    case config::EngineType::redis:
      return make_redis_engine(std::move(parts));
  }
  USHER_CHECK(false);
}

void check_engine_files(const config::Config& config) {
  if (config.engine.type == config::EngineType::redis) check_redis_files(config);
}

}  // namespace usher::engine
