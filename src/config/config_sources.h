// Where a configuration comes from outside: the file, the process's environment, and facts about
// the files that it names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/config_check.h"
#include "config/config_load.h"

namespace usher::config {

enum class ReadError : std::uint8_t {
  missing,
  not_permitted,
  directory,
  no_file,
  too_large,
  broken
};

// The words behind the file's name in a message: "does not exist; check the path".
std::string_view to_string(ReadError error);

// Where a pipe may stand for a file (`--config <(…)`): only at the start, because reading one waits
// for its writer.
enum class Pipes : std::uint8_t { refused, read };

// The whole file. Waits for the disk, and for nothing else.
Result<std::string, ReadError> read_file(const std::string& path,
                                         std::size_t bytes_max = 256 * 1024,
                                         Pipes pipes = Pipes::refused);

// All variables whose name begins with USHER_.
Settings usher_environment();

FileFacts gather_file_facts(const Config& config);

}  // namespace usher::config
