// Reads the sources of a configuration: its file, the process's environment, and facts
// about the files that it names.
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

// Returns the words that follow the file's name in a message: "does not exist; check the path".
std::string_view to_string(ReadError error);

// Whether a pipe may stand for a file (`--config <(…)`). It may only at the start, because reading
// a pipe waits for its writer.
enum class Pipes : std::uint8_t { refused, read };

// Returns the whole file. With Pipes::refused it waits for the disk only.
Result<std::string, ReadError> read_file(const std::string& path,
                                         std::size_t bytes_max = 256 * 1024,
                                         Pipes pipes = Pipes::refused);

// Returns all variables whose name begins with USHER_.
Settings usher_environment();

FileFacts gather_file_facts(const Config& config);

}  // namespace usher::config
