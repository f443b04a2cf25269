// Checks whether a configuration that could be read can also be served (the last paragraph of
// contract section 7).
//
// Pure: facts about files come as FileFacts (config_sources.h gathers them).
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/config_report.h"

namespace usher::config {

// Returns sentences. Each begins with its key, after the key's place if that is known.
ConfigFindings check(const Config& config, const FileFacts& facts);

// Returns `sentence`, which begins with a file's name in quotes or with a key, after its place.
std::string with_place(const Config& config, const std::string& sentence);

// Returns the files whose facts check() needs.
std::vector<std::string> files_of(const Config& config);

}  // namespace usher::config
