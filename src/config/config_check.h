// Whether a configuration that could be read can also be served: the last paragraph of contract
// section 7.
//
// Pure: what it needs to know about files comes as FileFacts (config_sources.h gathers them).
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace usher::config {

struct FileFact {
  bool readable = false;
  std::string_view obstacle;           // why it is not, to stand behind its name
  std::size_t bytes = 0;               // of its content
  std::size_t secret_bytes = 0;        // of its content as auth::secret_of_file() sees it
  std::size_t shortest_key_bytes = 0;  // of its lines as api::ApiKeys sees them; 0: none
  bool world_readable = false;
  bool world_writable = false;
};

using FileFacts = std::map<std::string, FileFact>;  // by the path as configured

struct ConfigFindings {
  std::vector<std::string> errors;  // sentences that say what to do; not empty: don't start
  std::vector<std::string> warnings;
};

// Each sentence begins with the key that it is about, behind its place where that is known.
ConfigFindings check(const Config& config, const FileFacts& facts);

// The same for a sentence that begins with a file's name in quotes, or with a key.
std::string with_place(const Config& config, const std::string& sentence);

// The files that check() wants to know about.
std::vector<std::string> files_of(const Config& config);

}  // namespace usher::config
