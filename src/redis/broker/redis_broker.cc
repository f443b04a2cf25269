#include "redis/broker/redis_broker.h"

#include <unordered_set>
#include <utility>

#include "redis/broker/stream_page.h"

namespace usher::redis {
namespace {

using hub::Error;
using hub::Handler;

// Done, or not known to be done.
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

void ignore(const Result<Reply, LinkError>&) {}

}  // namespace

RedisBroker::RedisBroker(RedisBrokers& engine, std::size_t shard, Commands& commands)
    : engine_(engine),
      shard_(shard),
      commands_(commands),
      present_(engine.options_.presence_refresh) {}

const hub::NamespaceOptions* RedisBroker::options_of(std::string_view channel) const {
  return engine_.rules_.options(channel);
}

Commands::Words RedisBroker::position_arguments(const hub::NamespaceOptions& options) const {
  return redis::position_arguments(commands_.run_id(), options, engine_.options_.position_ttl,
                                   engine_.entropy_);
}

// Asks the feed, on the first shard; `done` is called back here.
template <class Ask>
void RedisBroker::at_feed(Ask ask, Handler<void> done) {
  if (shard_ == 0) return ask(engine_.line_.feed(), std::move(done));
  engine_.post_.post(0, [this, ask = std::move(ask), done = std::move(done)]() mutable {
    ask(engine_.line_.feed(), [this, done = std::move(done)](Result<void, Error> answer) mutable {
      engine_.post_.post(shard_, [done = std::move(done), answer]() mutable { done(answer); });
    });
  });
}

// --- publications ---

void RedisBroker::publish(hub::PublishRequest request, Handler<hub::Position> done) {
  const hub::NamespaceOptions* const options = options_of(request.channel);
  if (options == nullptr) return done(Error::unknown_channel);
  if (request.info && !engine_.ready()) return done(Error::internal);  // as subscribe()
  const Names& names = engine_.names_;
  const std::string once_ttl =
      request.idempotency_key.empty() ? "0" : milliseconds(engine_.options_.idempotency_ttl);
  const std::string once = names.once(request.channel, request.idempotency_key);
  const std::string messages = names.messages(request.channel);
  std::string body = encode_publication(request);
  if (!options->has_history() || request.skip_history) {
    commands_.run(engine_.scripts_.publish_live, {once},
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
  commands_.run(engine_.scripts_.publish,
                {names.channel(request.channel), names.stream(request.channel), once, names.life()},
                std::move(arguments), position_or_internal(std::move(done)));
}

// While the line is not ready a revocation or binding may have been missed: nothing is let in, and
// nothing told to clients.
// The first shard asks Redis for all of them, once. A late answer counts only for the asking that
// it answers: the shard may have let go of the channel, and want it again.
void RedisBroker::subscribe(std::string_view channel, Handler<void> done) {
  if (options_of(channel) == nullptr) return done(Error::unknown_channel);
  if (!engine_.ready()) return done(Error::internal);
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
  if (shard_ == 0) return engine_.line_.feed().unsubscribe(0, name);
  engine_.post_.post(0, [this, name] { engine_.line_.feed().unsubscribe(shard_, name); });
}

void RedisBroker::history(std::string_view channel, hub::HistoryQuery query,
                          Handler<hub::HistoryPage> done) {
  const hub::NamespaceOptions* const options = options_of(channel);
  if (options == nullptr) return done(Error::unknown_channel);
  if (!options->has_history()) return done(Error::not_available);
  if (!engine_.ready()) return done(Error::internal);
  Commands::Words arguments = position_arguments(*options);
  add_page_arguments(arguments, *options, query);
  commands_.run(engine_.scripts_.page, page_keys(engine_.names_, channel), std::move(arguments),
                [this, name = std::string(channel),
                 done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
                  auto page = reply ? parse_page(*reply) : std::nullopt;
                  if (!page || !page->readable) return done(Error::internal);
                  answer_in_order(name, std::move(page->page), std::move(done));
                });
}

// The answer has overtaken what pub/sub still brings; who listens here gets it behind that.
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
  commands_.call({"DEL", engine_.names_.stream(channel)}, done_or_internal(std::move(done)));
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
  arguments.push_back(owner_subscribes ? engine_.names_.to_all_nodes() : "");
  arguments.push_back(encode(Bound{std::string(channel), std::move(owner)}));
  commands_.run(engine_.scripts_.bind, page_keys(engine_.names_, channel), std::move(arguments),
                done_or_internal(std::move(done)));
}

void RedisBroker::owner(std::string_view channel, Handler<std::optional<hub::Owner>> done) {
  if (options_of(channel) == nullptr) return done(Error::unknown_channel);
  // An answer from before a lost link may have been replaced by a binding that was missed.
  commands_.call({"GET", engine_.names_.owner(channel)},
                 [this, stretch = engine_.line_.stretch(),
                  done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
                   if (!reply || reply->is_error()) return done(Error::internal);
                   if (stretch != engine_.line_.stretch()) return done(Error::internal);
                   if (reply->is_nil()) return done(std::optional<hub::Owner>());
                   auto owner = decode_owner(reply->text);
                   if (!owner) return done(Error::internal);
                   done(std::move(owner));
                 });
}

// --- connections ---

std::string RedisBroker::entry_of(hub::ClientId client) const {
  return engine_.options_.node + ":" + client.text() + ":" + std::to_string(shard_);
}

void RedisBroker::connected(hub::ClientId client, std::string_view session, std::string_view user) {
  const RedisBrokerOptions& options = engine_.options_;
  const Names& names = engine_.names_;
  Commands::Words keys{names.nodes()};
  Commands::Words limits;
  const auto count = [&](std::string_view name, Tally& tally, std::size_t max, std::string key) {
    if (name.empty()) return;
    ++tally[RedisBrokers::hash_of(name)];
    if (max == 0) return;
    keys.push_back(std::move(key));
    limits.push_back(std::to_string(max));
  };
  count(session, sessions_, options.connections_per_session_max,
        names.connections_of_session(session));
  count(user, users_, options.connections_per_user_max, names.connections_of_user(user));
  if (limits.empty()) return;
  Commands::Words arguments{options.node,
                            client.text(),
                            std::to_string(shard_),
                            milliseconds(options.node_life_for_limits),
                            milliseconds(options.connections_ttl),
                            names.to_node()};
  arguments.insert(arguments.end(), limits.begin(), limits.end());
  commands_.run(engine_.scripts_.connect, std::move(keys), std::move(arguments), ignore);
}

void RedisBroker::disconnected(hub::ClientId client, std::string_view session,
                               std::string_view user) {
  const RedisBrokerOptions& options = engine_.options_;
  const auto count = [&](std::string_view name, Tally& tally, std::size_t max, std::string key) {
    if (name.empty()) return;
    const auto found = tally.find(RedisBrokers::hash_of(name));
    if (found != tally.end() && --found->second == 0) tally.erase(found);
    if (max != 0) commands_.call({"ZREM", std::move(key), entry_of(client)}, ignore);
  };
  count(session, sessions_, options.connections_per_session_max,
        engine_.names_.connections_of_session(session));
  count(user, users_, options.connections_per_user_max, engine_.names_.connections_of_user(user));
}

void RedisBroker::tick() {
  refresh_presence();
  give_up_orders();
  if (shard_ == 0) engine_.line_.tick();
}

}  // namespace usher::redis
