// Whether a configuration that could be read can also be served: the last paragraph of contract
// section 7.
//
// Pure: facts about files come as FileFacts (config_sources.h gathers them).
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "config/config_report.h"

namespace usher::config {

// Each sentence begins with the key that it is about, behind its place where that is known.
ConfigFindings check(const Config& config, const FileFacts& facts);

// The same for a sentence that begins with a file's name in quotes, or with a key.
std::string with_place(const Config& config, const std::string& sentence);

// The files that check() wants to know about.
std::vector<std::string> files_of(const Config& config);

}  // namespace usher::config
