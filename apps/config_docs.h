// docs/configuration.md, made from the same table that reads the keys (config_table.h).
#pragma once

#include <string>

namespace usher::apps {

std::string render_configuration_page();

}  // namespace usher::apps
