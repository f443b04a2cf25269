// The page of `--dev`, as web/CMakeLists.txt bundled and embedded it.
#pragma once

#include <span>

#include "gateway/dev_page.h"

namespace usher::apps {

std::span<const gateway::PageFile> page_files();

}  // namespace usher::apps
