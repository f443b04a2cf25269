// Finds the faults of what goes along to hooks.ticket_url: header fields that must not, and an
// Origin whose cookies any site could use.
#pragma once

#include "config/config.h"
#include "config/config_report.h"

namespace usher::config {

void check_ticket_hook(const Config& config, ConfigReport& report);

}  // namespace usher::config
