// Where a configuration comes from outside: the file, the process's environment, and facts about
// the files it names.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/config_check.h"
#include "base/result.h"

namespace usher::apps {

enum class ReadError : std::uint8_t { missing, not_readable, too_large };

// The whole file. Limits: `bytes_max`.
Result<std::string, ReadError> read_file(const std::string& path, std::size_t bytes_max = 1048576);

// All variables whose name begins with USHER_.
std::vector<std::pair<std::string, std::string>> usher_environment();

FileFacts gather_file_facts(const Config& config);

}  // namespace usher::apps
