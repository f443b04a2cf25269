// Who is on a channel (redis_broker.h).
#include <unordered_set>
#include <utility>

#include "redis/broker/redis_broker.h"
#include "redis/broker/stream_page.h"

namespace usher::redis {
namespace {

using hub::Error;
using hub::Handler;

constexpr std::int64_t kTooMany = 0;   // of the script `enter`
constexpr std::size_t kStayMax = 256;  // clients that one script call refreshes

}  // namespace

// Where nothing is kept, but told.
void RedisBroker::tell(const std::string& channel, std::string message, Handler<void> done) {
  commands_.call({"PUBLISH", engine_.names_.messages(channel), std::move(message)},
                 [done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
                   if (!reply || reply->is_error()) return done(Error::internal);
                   done({});
                 });
}

Commands::Words RedisBroker::presence_keys(std::string_view channel) const {
  return {engine_.names_.present(channel), engine_.names_.present_until(channel)};
}

std::string RedisBroker::join_leave_messages(std::string_view channel,
                                             const hub::NamespaceOptions& options) const {
  return options.join_leave ? engine_.names_.messages(channel) : "";
}

void RedisBroker::add_presence(std::string_view channel, hub::ClientInfo who, Handler<void> done) {
  const hub::NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return done(Error::unknown_channel);
  std::string info = encode_info(who);
  if (!options->presence) {
    if (!options->join_leave) return done({});
    return tell(std::string(channel), "J" + info, std::move(done));
  }
  const bool is_new = present_.add(channel, who.client, info, engine_.clock_.now());
  commands_.run(
      engine_.scripts_.enter, presence_keys(channel),
      {join_leave_messages(channel, *options), milliseconds(engine_.options_.presence_ttl),
       std::to_string(engine_.options_.presence_per_channel_max), who.client, std::move(info)},
      [this, is_new, name = std::string(channel), client = who.client,
       done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
        if (reply && reply->kind == Reply::Kind::integer && reply->integer != kTooMany) {
          return done({});
        }
        // Not there, or not known to be there: then the entry ends by itself.
        if (is_new) present_.remove(name, client);
        done(reply && !reply->is_error() ? Error::limit_exceeded : Error::internal);
      });
}

void RedisBroker::remove_presence(std::string_view channel, hub::ClientInfo who) {
  const hub::NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return;
  std::string info = encode_info(who);
  if (!options->presence) {
    if (options->join_leave) tell(std::string(channel), "L" + info, [](Result<void, Error>) {});
    return;
  }
  present_.remove(channel, who.client);
  commands_.run(engine_.scripts_.leave, presence_keys(channel),
                {join_leave_messages(channel, *options), who.client, std::move(info)},
                [](const Result<Reply, LinkError>&) {});
}

void RedisBroker::presence(std::string_view channel, Handler<std::vector<hub::ClientInfo>> done) {
  const hub::NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return done(Error::unknown_channel);
  if (!options->presence) return done(Error::not_available);
  if (!engine_.ready()) return done(Error::internal);
  commands_.run(engine_.scripts_.presence, presence_keys(channel),
                {join_leave_messages(channel, *options)},
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

void RedisBroker::presence_stats(std::string_view channel, Handler<hub::PresenceStats> done) {
  presence(channel, [done = std::move(done)](
                        const Result<std::vector<hub::ClientInfo>, Error>& present) mutable {
    if (!present) return done(present.error());
    std::unordered_set<std::string_view> users;
    for (const hub::ClientInfo& info : *present) users.insert(info.user);
    done(hub::PresenceStats{static_cast<std::uint32_t>(present->size()),
                            static_cast<std::uint32_t>(users.size())});
  });
}

void RedisBroker::refresh_presence() {
  present_.due(engine_.clock_.now(), [this](const std::string& channel,
                                            const PresenceRounds::Clients& clients) {
    const Commands::Words first{join_leave_messages(channel, *options_of(channel)),
                                milliseconds(engine_.options_.presence_ttl)};
    Commands::Words arguments = first;
    const auto send = [&] {
      commands_.run(engine_.scripts_.stay, presence_keys(channel), std::exchange(arguments, first),
                    [](const Result<Reply, LinkError>&) {});
    };
    for (const auto& [client, info] : clients) {
      arguments.push_back(client);
      arguments.push_back(info);
      if (arguments.size() >= first.size() + 2 * kStayMax) send();
    }
    if (arguments.size() > first.size()) send();
  });
}

}  // namespace usher::redis
