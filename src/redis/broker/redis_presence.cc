#include "redis/broker/redis_presence.h"

#include <unordered_set>
#include <utility>

#include "redis/broker/message.h"
#include "redis/broker/stream_page.h"

namespace usher::redis {
namespace {

using hub::Error;

constexpr std::int64_t kTooMany = 0;      // an answer of the script `add_presence`
constexpr std::size_t kRefreshMax = 256;  // clients in one script call

void ignore(const Result<Reply, LinkError>&) {}

}  // namespace

// For a channel that keeps no presence, and tells of joining and leaving.
void RedisPresence::tell(std::string_view channel, std::string message, Handler<void> done) {
  commands_.call({"PUBLISH", node_.names.messages(channel), std::move(message)},
                 [done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
                   if (!reply || reply->is_error()) return done(Error::internal);
                   done({});
                 });
}

Commands::Words RedisPresence::keys(std::string_view channel) const {
  return {node_.names.present(channel), node_.names.present_until(channel)};
}

// Where the scripts publish joining and leaving; empty: nowhere.
std::string RedisPresence::messages_channel(std::string_view channel,
                                            const hub::NamespaceOptions& options) const {
  return options.join_leave ? node_.names.messages(channel) : "";
}

void RedisPresence::add(std::string_view channel, const hub::ClientInfo& client,
                        Handler<void> done) {
  const hub::NamespaceOptions* const options = node_.rules.options(channel);
  if (options == nullptr) return done(Error::unknown_channel);
  std::string info = encode_info(client);
  if (!options->presence) {
    if (!options->join_leave) return done({});
    return tell(channel, "J" + info, std::move(done));
  }
  const bool is_new = rounds_.add(channel, client.client, info, node_.clock.now());
  commands_.run(
      node_.scripts.add_presence, keys(channel),
      {messages_channel(channel, *options), milliseconds(node_.options.presence_ttl),
       std::to_string(node_.limits.presence_per_channel_max), client.client, std::move(info)},
      [this, is_new, name = std::string(channel), id = client.client,
       done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
        if (reply && reply->kind == Reply::Kind::integer && reply->integer != kTooMany) {
          return done({});
        }
        // It is not in Redis, or not known to be: then the entry expires by itself.
        if (is_new) rounds_.remove(name, id);
        done(reply && !reply->is_error() ? Error::limit_exceeded : Error::internal);
      });
}

void RedisPresence::remove(std::string_view channel, const hub::ClientInfo& client) {
  const hub::NamespaceOptions* const options = node_.rules.options(channel);
  if (options == nullptr) return;
  std::string info = encode_info(client);
  if (!options->presence) {
    if (options->join_leave) tell(channel, "L" + info, [](Result<void, Error>) {});
    return;
  }
  rounds_.remove(channel, client.client);
  commands_.run(node_.scripts.remove_presence, keys(channel),
                {messages_channel(channel, *options), client.client, std::move(info)}, ignore);
}

void RedisPresence::list(std::string_view channel, Handler<std::vector<hub::ClientInfo>> done) {
  const hub::NamespaceOptions* const options = node_.rules.options(channel);
  if (options == nullptr) return done(Error::unknown_channel);
  if (!options->presence) return done(Error::not_available);
  if (!node_.ready()) return done(Error::internal);
  commands_.run(node_.scripts.presence, keys(channel), {messages_channel(channel, *options)},
                [done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
                  if (!reply || reply->kind != Reply::Kind::array) return done(Error::internal);
                  std::vector<hub::ClientInfo> present;
                  present.reserve(reply->items.size());
                  for (const Reply& item : reply->items) {
                    auto info = decode_info(item.text);
                    if (info) present.push_back(std::move(*info));
                  }
                  done(std::move(present));
                });
}

void RedisPresence::stats(std::string_view channel, Handler<hub::PresenceStats> done) {
  list(channel, [done = std::move(done)](
                    const Result<std::vector<hub::ClientInfo>, Error>& present) mutable {
    if (!present) return done(present.error());
    std::unordered_set<std::string_view> users;
    for (const hub::ClientInfo& info : *present) users.insert(info.user);
    done(hub::PresenceStats{static_cast<std::uint32_t>(present->size()),
                            static_cast<std::uint32_t>(users.size())});
  });
}

void RedisPresence::tick() {
  rounds_.due(node_.clock.now(),
              [this](const std::string& channel, const PresenceRounds::Clients& clients) {
                refresh(channel, clients);
              });
}

void RedisPresence::refresh(const std::string& channel, const PresenceRounds::Clients& clients) {
  const Commands::Words first{messages_channel(channel, *node_.rules.options(channel)),
                              milliseconds(node_.options.presence_ttl)};
  Commands::Words arguments = first;
  const auto send = [&] {
    commands_.run(node_.scripts.refresh_presence, keys(channel), std::exchange(arguments, first),
                  ignore);
  };
  for (const auto& [client, info] : clients) {
    arguments.push_back(client);
    arguments.push_back(info);
    if (arguments.size() >= first.size() + 2 * kRefreshMax) send();
  }
  if (arguments.size() > first.size()) send();
}

}  // namespace usher::redis
