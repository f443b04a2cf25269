// The page of `--dev`, as web/CMakeLists.txt bundled and embedded it.
#pragma once

#include <span>

#include "dev/dev_page.h"

namespace usher::dev {

std::span<const PageFile> page_files();

}  // namespace usher::dev
