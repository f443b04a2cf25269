#include "redis/broker/redis_broker.h"

#include <memory>
#include <utility>

#include "redis/broker/message.h"
#include "redis/broker/stream_page.h"

namespace usher::redis {
namespace {

using hub::Error;
using hub::Handler;

// Fails with `internal` unless the command is known to be carried out.
Commands::Handler done_or_internal(Handler<void> done) {
  return [done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
    if (!reply || reply->is_error()) return done(Error::internal);
    done({});
  };
}

Commands::Handler position_or_internal(Handler<hub::Position> done) {
  return [done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
    auto position = reply ? parse_position(*reply) : std::nullopt;
    if (!position) return done(Error::internal);
    done(std::move(*position));
  };
}

}  // namespace

RedisBroker::RedisBroker(const RedisBrokerDependencies& node, NodeLine& line, NodeShards& shards,
                         std::size_t shard, Commands& commands)
    : node_(node),
      line_(line),
      shards_(shards),
      shard_(shard),
      commands_(commands),
      counts_(node, shard, commands),
      presence_(node, commands),
      orders_(node, shard, commands, line.desk(), counts_) {
  shards.set(shard, orders_);
}

const hub::NamespaceOptions* RedisBroker::options_of(std::string_view channel) const {
  return node_.rules.options(channel);
}

Commands::Words RedisBroker::position_arguments(const hub::NamespaceOptions& options) const {
  return redis::position_arguments(commands_.run_id(), options, node_.options.position_ttl,
                                   node_.entropy);
}

// Calls ask(feed, handler) on the first shard. `done` is called on this shard.
template <class Ask>
void RedisBroker::at_feed(Ask ask, Handler<void> done) {
  if (shard_ == 0) return ask(line_.feed(), std::move(done));
  node_.post.post(0, [this, ask = std::move(ask), done = std::move(done)]() mutable {
    ask(line_.feed(), [this, done = std::move(done)](Result<void, Error> answer) mutable {
      node_.post.post(shard_, [done = std::move(done), answer]() mutable { done(answer); });
    });
  });
}

// --- publications ---

void RedisBroker::publish(hub::PublishRequest request, Handler<hub::Position> done) {
  const hub::NamespaceOptions* const options = options_of(request.channel);
  if (options == nullptr) return done(Error::unknown_channel);
  if (request.info && !line_.ready()) return done(Error::internal);  // as subscribe()
  const Names& names = node_.names;
  const std::string once_ttl =
      request.idempotency_key.empty() ? "0" : milliseconds(node_.options.idempotency_ttl);
  const std::string once = names.once(request.channel, request.idempotency_key);
  const std::string messages = names.messages(request.channel);
  std::string body = encode_publication(request);
  if (!options->has_history() || request.skip_history) {
    if (request.version > 0) return done(Error::not_available);
    commands_.run(node_.scripts.publish_live, {once},
                  {messages, std::string(kLiveOnly) + body, once_ttl},
                  position_or_internal(std::move(done)));
    return;
  }
  Commands::Words arguments = position_arguments(*options);
  arguments.push_back(messages);
  arguments.push_back(std::move(body));
  arguments.push_back(once_ttl);
  arguments.push_back(std::to_string(options->history_size));
  arguments.push_back(milliseconds(options->history_ttl));
  arguments.push_back(std::to_string(request.version));
  arguments.push_back(std::move(request.version_epoch));
  commands_.run(node_.scripts.publish,
                {names.channel(request.channel), names.stream(request.channel), once, names.life()},
                std::move(arguments), position_or_internal(std::move(done)));
}

// While the line is not ready, a revocation or binding may have been missed: no subscription
// begins, and clients are told nothing. The first shard subscribes in Redis once for all shards. An
// answer counts only for its own call: meanwhile this shard may have unsubscribed, and subscribed
// again.
void RedisBroker::subscribe(std::string_view channel, Handler<void> done) {
  if (options_of(channel) == nullptr) return done(Error::unknown_channel);
  if (!line_.ready()) return done(Error::internal);
  const auto [wanted, is_new] = wanted_.try_emplace(std::string(channel));
  if (is_new) wanted->second.serial = ++last_serial_;
  if (wanted->second.granted) return done({});
  auto answered = [this, name = wanted->first, serial = wanted->second.serial,
                   done = std::move(done)](Result<void, Error> answer) mutable {
    const auto found = wanted_.find(name);
    if (found != wanted_.end() && found->second.serial == serial) {
      if (answer) {
        found->second.granted = true;
      } else {
        wanted_.erase(found);
      }
    }
    done(answer);
  };
  at_feed(
      [shard = shard_, name = wanted->first](ChannelFeed& feed, Handler<void> reached) {
        feed.subscribe(shard, name, std::move(reached));
      },
      std::move(answered));
}

void RedisBroker::unsubscribe(std::string_view channel) {
  const auto found = wanted_.find(channel);
  if (found == wanted_.end()) return;
  std::string name = found->first;
  wanted_.erase(found);
  if (shard_ == 0) return line_.feed().unsubscribe(0, name);
  node_.post.post(0, [this, name] { line_.feed().unsubscribe(shard_, name); });
}

void RedisBroker::history(std::string_view channel, hub::HistoryQuery query,
                          Handler<hub::HistoryPage> done) {
  const hub::NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return done(Error::unknown_channel);
  if (!options->has_history()) return done(Error::not_available);
  if (!line_.ready()) return done(Error::internal);
  Commands::Words arguments = position_arguments(*options);
  add_page_arguments(arguments, *options, query);
  commands_.run(node_.scripts.page, page_keys(node_.names, channel), std::move(arguments),
                [this, name = std::string(channel),
                 done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
                  auto page = reply ? parse_page(*reply) : std::nullopt;
                  if (!page || !page->readable) return done(Error::internal);
                  answer_in_order(name, std::move(page->page), std::move(done));
                });
}

// The answer may have overtaken messages of pub/sub. A subscribed shard gets it after them.
void RedisBroker::answer_in_order(const std::string& channel, hub::HistoryPage page,
                                  Handler<hub::HistoryPage> done) {
  const auto wanted = wanted_.find(channel);
  if (wanted == wanted_.end() || !wanted->second.granted) return done(std::move(page));
  hub::Position position = page.position;
  at_feed(
      [channel, position = std::move(position)](ChannelFeed& feed,
                                                Handler<void> delivered) mutable {
        feed.when_delivered(channel, std::move(position), std::move(delivered));
      },
      [page = std::move(page), done = std::move(done)](Result<void, Error> answer) mutable {
        if (!answer) return done(answer.error());
        done(std::move(page));
      });
}

void RedisBroker::history_remove(std::string_view channel, Handler<void> done) {
  const hub::NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return done(Error::unknown_channel);
  if (!options->has_history()) return done(Error::not_available);
  commands_.call({"DEL", node_.names.stream(channel)}, done_or_internal(std::move(done)));
}

// --- owners ---

void RedisBroker::bind(std::string_view channel, hub::Owner owner, Duration ttl,
                       Handler<void> done) {
  if (ttl < std::chrono::milliseconds(1) || owner.session.empty() == owner.user.empty()) {
    return done(Error::bad_request);
  }
  const hub::NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return done(Error::unknown_channel);
  const bool owner_subscribes = options->subscribe == hub::Audience::owner;
  if (!owner_subscribes && options->publish != hub::Audience::owner) {
    return done(Error::not_available);
  }
  Commands::Words arguments = position_arguments(*options);
  arguments.push_back(encode_owner(owner));
  arguments.push_back(milliseconds(ttl));
  arguments.push_back(owner_subscribes ? node_.names.to_all_nodes() : "");
  arguments.push_back(encode(Bound{std::string(channel), std::move(owner)}));
  commands_.run(node_.scripts.bind, page_keys(node_.names, channel), std::move(arguments),
                done_or_internal(std::move(done)));
}

void RedisBroker::owner(std::string_view channel, Handler<std::optional<hub::Owner>> done) {
  if (options_of(channel) == nullptr) return done(Error::unknown_channel);
  // An answer from before a lost link may be out of date: a binding may have been missed.
  commands_.call({"GET", node_.names.owner(channel)},
                 [this, stretch = line_.stretch(),
                  done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
                   if (!reply || reply->is_error()) return done(Error::internal);
                   if (stretch != line_.stretch()) return done(Error::internal);
                   if (reply->is_nil()) return done(std::optional<hub::Owner>());
                   auto owner = decode_owner(reply->text);
                   if (!owner) return done(Error::internal);
                   done(std::move(owner));
                 });
}

// --- presence, connections, orders ---

void RedisBroker::add_presence(std::string_view channel, hub::ClientInfo client,
                               Handler<void> done) {
  presence_.add(channel, client, std::move(done));
}

void RedisBroker::remove_presence(std::string_view channel, hub::ClientInfo client) {
  presence_.remove(channel, client);
}

void RedisBroker::presence(std::string_view channel, Handler<std::vector<hub::ClientInfo>> done) {
  presence_.list(channel, std::move(done));
}

void RedisBroker::presence_stats(std::string_view channel, Handler<hub::PresenceStats> done) {
  presence_.stats(channel, std::move(done));
}

void RedisBroker::connected(hub::ClientId client, std::string_view session, std::string_view user) {
  counts_.connected(client, session, user);
}

void RedisBroker::disconnected(hub::ClientId client, std::string_view session,
                               std::string_view user) {
  counts_.disconnected(client, session, user);
}

void RedisBroker::order_here(hub::Order order) {
  const auto shared = std::make_shared<const hub::Order>(std::move(order));
  for (std::size_t shard = 0; shard < shards_.count(); ++shard) {
    if (shard == shard_) continue;
    shards_.post(shard, [shared](RedisOrders& there) { there.sink().on_order(*shared); });
  }
  orders_.sink().on_order(*shared);
}

void RedisBroker::order(hub::Order order, Handler<hub::OrderAnswer> done) {
  orders_.order(std::move(order), std::move(done));
}

void RedisBroker::tick() {
  presence_.tick();
  orders_.tick();
  if (shard_ == 0) line_.tick();
}

}  // namespace usher::redis
