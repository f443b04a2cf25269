// The files of the page of `--dev`, bundled and embedded by web/CMakeLists.txt.
#pragma once

#include <span>

#include "dev/dev_page.h"

namespace usher::dev {

std::span<const PageFile> page_files();

}  // namespace usher::dev
