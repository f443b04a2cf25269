// docs/configuration.md, made from the same table that reads the keys (config_table.h).
#pragma once

#include <string>

namespace usher::config {

std::string render_configuration_page();

}  // namespace usher::config
