// Finds the faults of a URL that usher itself calls.
#pragma once

#include <optional>
#include <string>

#include "config/config_report.h"
#include "http_client/endpoint.h"

namespace usher::config {

// Reports a URL that is none, or that holds credentials, and returns `nullopt`. `key`: what the
// sentence begins with. Only scheme and host are shown: the rest may be a secret.
std::optional<http_client::Endpoint> check_http_url(ConfigReport& report, const std::string& key,
                                                    const std::string& url);

// Whether others could read and change what is sent there.
bool is_open_to_others(const http_client::Endpoint& endpoint);

}  // namespace usher::config
