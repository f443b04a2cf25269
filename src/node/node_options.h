// Makes the small options of each part of a node from the configuration.
//
// Pure: a Config in, options out. Where an option is not the value of a key, the rule that makes it
// is here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "auth/origin_policy.h"
#include "config/config.h"
#include "dev/dev_page.h"
#include "doors/upstream_table.h"
#include "http/dependencies.h"
#include "hub/channel_rules.h"
#include "hub/hub.h"
#include "net/shard.h"
#include "session/dependencies.h"

namespace usher::node {

// Returns the number of shards. Each has a thread of its own.
std::size_t shard_count(const config::Config& config);

// Returns the longest leeway of all issuers: an upper bound for what is not about one of them.
std::chrono::seconds longest_leeway(const config::Config& config);

// Returns limits.connections, or what its 0 means; 0: no limit.
std::uint64_t connections_max(const config::Config& config);

auth::OriginPolicyOptions origin_options(const config::Config& config);
hub::ChannelRulesOptions channel_rules_options(const config::Config& config);
hub::HubOptions hub_options(const config::Config& config);
net::ShardOptions shard_options(const config::Config& config);

// Returns the names of all claims that a ticket carries, each once.
std::vector<std::string> ticket_claims(const config::Config& config);

// Where each [[upstreams]] listens. Requires: the configuration has been checked.
std::vector<net::UpstreamTarget> upstream_targets(const config::Config& config);
// `secrets`: of each, for X-Usher-Identity.
doors::UpstreamTable upstream_table(const config::Config& config,
                                    const std::vector<std::optional<auth::Key>>& secrets);
// The same as the page of --dev shows them.
std::vector<dev::DevUpstream> shown_upstreams(const config::Config& config);

// `node`: the name of this process among all nodes.
http::RouterOptions router_options(const config::Config& config, const std::string& node);
session::SessionOptions session_options(const config::Config& config, const std::string& node);

}  // namespace usher::node
