// Finds the faults of [[upstreams]]: names and paths that are there twice, or are usher's own, and
// URLs that lead nowhere.
#pragma once

#include "config/config.h"
#include "config/config_report.h"

namespace usher::config {

void check_upstreams(const Config& config, ConfigReport& report);

}  // namespace usher::config
