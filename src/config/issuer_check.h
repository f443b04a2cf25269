// Finds the faults of [jwt] and [[jwt.issuers]]: keys that are missing, issuers that are there twice,
// and names that two of them can give.
#pragma once

#include <string_view>

#include "config/config.h"
#include "config/config_report.h"

namespace usher::config {

void check_issuers(const Config& config, ConfigReport& report);

}  // namespace usher::config
