// Where a configuration comes from outside: the file, the process's environment, and facts about
// the files that it names.
#pragma once

#include <cstdint>
#include <string>

#include "apps/config_check.h"
#include "apps/config_load.h"
#include "base/result.h"

namespace usher::apps {

enum class ReadError : std::uint8_t { missing, not_readable, too_large };

// The whole file.
Result<std::string, ReadError> read_file(const std::string& path,
                                         std::size_t bytes_max = 256 * 1024);

// All variables whose name begins with USHER_.
Settings usher_environment();

FileFacts gather_file_facts(const Config& config);

}  // namespace usher::apps
