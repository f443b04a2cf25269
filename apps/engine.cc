#include "apps/engine.h"

#include "base/check.h"

namespace usher::apps {

std::unique_ptr<Engine> make_engine(EngineParts parts) {
  switch (parts.config.engine.type) {
    case EngineType::memory:
      return make_memory_engine(std::move(parts));
    case EngineType::redis:
      return make_redis_engine(std::move(parts));
  }
  USHER_CHECK(false);
}

void check_engine_files(const Config& config) {
  if (config.engine.type == EngineType::redis) check_redis_files(config);
}

}  // namespace usher::apps
