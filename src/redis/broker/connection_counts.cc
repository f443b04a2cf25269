#include "redis/broker/connection_counts.h"

#include <string>
#include <utility>

#include "base/sip_hash.h"
#include "redis/broker/stream_page.h"
#include "redis/link/distinct.h"

namespace usher::redis {
namespace {

// The same on every node, so that distinct names can be counted. It is no secret: a client that
// chooses its name for its hash makes a count wrong, and nothing else.
std::uint64_t hash_of(std::string_view name) { return sip_hash(SipKey{}, name); }

void ignore(const Result<Reply, LinkError>&) {}

}  // namespace

void ConnectionCounts::connected(hub::ClientId client, std::string_view session,
                                 std::string_view user) {
  const RedisBrokerOptions& options = node_.options;
  const std::size_t per_session_max = node_.limits.connections_per_session_max;
  const std::size_t per_user_max = node_.limits.connections_per_user_max;
  sessions_counted_ = sessions_counted_ || per_session_max != 0;
  users_counted_ = users_counted_ || per_user_max != 0;
  const Names& names = node_.names;
  Commands::Words keys{names.nodes()};
  Commands::Words limits;
  const auto count = [&](std::string_view name, Tally& tally, std::size_t max, std::string key) {
    if (name.empty()) return;
    ++tally[hash_of(name)];
    if (max == 0) return;
    keys.push_back(std::move(key));
    limits.push_back(std::to_string(max));
  };
  count(session, sessions_, per_session_max, names.connections_of_session(session));
  count(user, users_, per_user_max, names.connections_of_user(user));
  if (limits.empty()) return;
  Commands::Words arguments{options.node,
                            client.text(),
                            std::to_string(shard_),
                            milliseconds(options.node_life_for_limits),
                            milliseconds(options.connections_ttl),
                            names.to_node()};
  arguments.insert(arguments.end(), limits.begin(), limits.end());
  commands_.run(node_.scripts.connect, std::move(keys), std::move(arguments), ignore);
}

void ConnectionCounts::disconnected(hub::ClientId client, std::string_view session,
                                    std::string_view user) {
  const RedisBrokerOptions& options = node_.options;
  const Names& names = node_.names;
  const std::string entry = options.node + ":" + client.text() + ":" + std::to_string(shard_);
  const auto count = [&](std::string_view name, Tally& tally, bool is_counted, std::string key) {
    if (name.empty()) return;
    const auto found = tally.find(hash_of(name));
    if (found != tally.end() && --found->second == 0) tally.erase(found);
    if (is_counted) commands_.call({"ZREM", std::move(key), entry}, ignore);
  };
  count(session, sessions_, sessions_counted_, names.connections_of_session(session));
  count(user, users_, users_counted_, names.connections_of_user(user));
}

void ConnectionCounts::describe(NodeAnswer& answer) const {
  for (const auto& [hash, connections] : sessions_) answer.sessions.push_back(hash);
  for (const auto& [hash, connections] : users_) answer.users.push_back(hash);
  make_sketch(answer.sessions);
  make_sketch(answer.users);
}

}  // namespace usher::redis
