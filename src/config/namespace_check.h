// Finds options of a [[channel.namespaces]] that make no sense together: one needs another that is
// not there, or contradicts it.
#pragma once

#include "config/config.h"
#include "config/config_report.h"

namespace usher::config {

void check_namespaces(const Config& config, ConfigReport& report);

}  // namespace usher::config
