#include "redis/redis_engine.h"

#include "apps/engine.h"
#include "apps/switched_ticket_store.h"
#include "gateway/metrics_page.h"
#include "gateway/revoker.h"
#include "net/shard.h"
#include "redis/link.h"
#include "redis/pub_sub_link.h"
#include "redis/revocation_feed.h"
#include "redis/ticket_store.h"
#include "redis/trust.h"

namespace usher::apps {
namespace {

redis::Destination destination_of(const Config& whole) {
  const RedisConfig& config = whole.redis;
  // The URLs are as the configuration's check has found them: good.
  redis::Destination destination{.master = config.master};
  if (!config.url.empty()) destination.address = *redis::parse_url(config.url);
  for (const std::string& sentinel : config.sentinels) {
    destination.sentinels.push_back(*redis::parse_sentinel(sentinel));
  }
  if (destination.uses_tls()) {
    destination.trust = redis::make_trust({.ca_file = whole.tls.ca_file,
                                           .certificate_file = config.certificate_file,
                                           .key_file = config.key_file});
  }
  return destination;
}

redis::Services services_of(const EngineParts& parts, net::Shard& shard, redis::Health& health,
                            std::function<bool()> held_up = {}) {
  return {.io = shard.io(),
          .clock = parts.clock,
          .entropy = parts.entropy,
          .health = health,
          .turn = [&shard](UniqueFunction<void()> work) { shard.run_turn(std::move(work)); },
          .held_up = std::move(held_up)};
}

redis::RevocationOptions revocation_options(const EngineParts& parts) {
  return {.key_prefix = parts.config.redis.key_prefix};
}

class RedisRevoker final : public gateway::Revoker {
 public:
  RedisRevoker(redis::Commands& link, const EngineParts& parts)
      : writer_(link, revocation_options(parts)) {}

  void revoke(auth::RevokedBy by, std::string_view name, std::chrono::seconds ttl, WallTime now,
              Handler done) override {
    const redis::Revocation revocation{static_cast<redis::Revocation::By>(by), std::string(name),
                                       WallTime(now + ttl).time_since_epoch().count(),
                                       unix_seconds(now)};
    writer_.write(revocation, now, [done = std::move(done)](redis::RevocationTold told) mutable {
      switch (told) {
        case redis::RevocationTold::yes:
          return done(gateway::RevokedElsewhere::yes);
        case redis::RevocationTold::full:
          return done(gateway::RevokedElsewhere::full);
        case redis::RevocationTold::unknown:
          return done(gateway::RevokedElsewhere::unknown);
      }
    });
  }

 private:
  redis::RevocationWriter writer_;
};
static_assert(static_cast<int>(redis::Revocation::By::user) ==
                  static_cast<int>(auth::RevokedBy::user) &&
              static_cast<int>(redis::Revocation::By::jti) ==
                  static_cast<int>(auth::RevokedBy::jti));

// A shard's link, and what speaks over it. Without the revocations nobody gets in.
struct RedisShard {
  RedisShard(const EngineParts& parts, net::Shard& shard, const redis::Destination& destination,
             redis::Health& health, const TicketSwitch& revocations_known)
      : link({.command_timeout = parts.config.ticket.store_timeout}, destination,
             services_of(parts, shard, health)),
        store(link, parts.entropy,
              {.key_prefix = parts.config.redis.key_prefix,
               .forgetful_for = parts.config.ticket.ttl + ticket::kTombstoneFor}),
        tickets(store, revocations_known),
        revoker(link, parts) {}

  redis::Link link;
  redis::RedisTicketStore store;
  SwitchedTicketStore tickets;
  RedisRevoker revoker;
};

std::vector<std::unique_ptr<RedisShard>> make_shards(const EngineParts& parts,
                                                     redis::Health& health,
                                                     const TicketSwitch& revocations_known) {
  const redis::Destination destination = destination_of(parts.config);
  std::vector<std::unique_ptr<RedisShard>> shards;
  for (net::Shard* const shard : parts.shards) {
    shards.push_back(
        std::make_unique<RedisShard>(parts, *shard, destination, health, revocations_known));
  }
  return shards;
}

std::vector<redis::Commands*> links_of(const std::vector<std::unique_ptr<RedisShard>>& shards) {
  std::vector<redis::Commands*> links;
  for (const auto& shard : shards) links.push_back(&shard->link);
  return links;
}

redis::RedisBrokerOptions broker_options(const EngineParts& parts) {
  redis::RedisBrokerOptions options;
  options.key_prefix = parts.config.redis.key_prefix;
  options.node = parts.node;
  options.connections_per_session_max = parts.config.limits.connections_per_session;
  options.connections_per_user_max = parts.config.limits.connections_per_user;
  options.presence_per_channel_max = parts.config.limits.presence_per_channel;
  return options;
}

class RedisEngine final : public Engine, private redis::PubSubListener {
 public:
  explicit RedisEngine(const EngineParts& parts)
      : command_health_(parts.log, "commands"),
        pub_sub_health_(parts.log, "pub/sub"),
        shards_(make_shards(parts, command_health_, revocations_known_)),
        brokers_(broker_options(parts), parts.rules, parts.clock, parts.entropy, parts.post,
                 links_of(shards_)),
        pub_sub_({.answer_timeout = parts.config.ticket.store_timeout},
                 destination_of(parts.config),
                 // What it brings goes to all shards: it waits while one is behind, as clients do.
                 services_of(parts, *parts.shards.front(), pub_sub_health_,
                             [&shard = *parts.shards.front()] { return shard.is_held_up(); }),
                 *this),
        revocations_(
            shards_.front()->link, pub_sub_, parts.wall_clock, revocation_options(parts),
            [apply = parts.on_revoked](const redis::Revocation& revocation) {
              apply(static_cast<auth::RevokedBy>(revocation.by), revocation.name,
                    WallTime(std::chrono::seconds(revocation.revoked_at_s)),
                    WallTime(std::chrono::milliseconds(revocation.until_ms)));
            },
            [this] { revocations_known_.set_available(true); }) {
    revocations_known_.set_available(false);
    brokers_.use(pub_sub_);
  }

  hub::Broker& broker(std::size_t shard) override { return brokers_.broker(shard); }
  ticket::TicketStore& tickets(std::size_t shard) override { return shards_[shard]->tickets; }

  gateway::Revoker* revoker(std::size_t shard) override { return &shards_[shard]->revoker; }

  void start() override {
    for (const auto& shard : shards_) shard->link.start();
    pub_sub_.start();
  }

  void tick() override { revocations_.tick(); }
  void leave() override { brokers_.leave(); }

  std::vector<std::string> not_ready_reasons() const override {
    std::vector<std::string> reasons;
    if (!command_health_.all_up()) reasons.emplace_back("redis can't be reached");
    if (!brokers_.ready()) reasons.emplace_back("redis pub/sub is down");
    if (!revocations_.is_loaded()) reasons.emplace_back("revocations are not loaded");
    return reasons;
  }

  void add_metrics(gateway::MetricsPage& page) const override {
    using Kind = gateway::MetricsPage::Kind;
    page.add("usher_redis_up", "1 while every shard reaches Redis.", Kind::gauge,
             [this] { return command_health_.all_up() ? 1.0 : 0.0; });
    page.add("usher_redis_pub_sub_up", "1 while messages of other gateways can arrive.",
             Kind::gauge, [this] { return pub_sub_health_.all_up() ? 1.0 : 0.0; });
    const auto sum = [&](const char* name, const char* help, Kind kind,
                         std::atomic<std::uint64_t> redis::LinkCounts::*count) {
      page.add(name, help, kind, [this, count] {
        std::uint64_t total = 0;
        for (const auto& shard : shards_) total += shard->link.counts().*count;
        return static_cast<double>(total);
      });
    };
    sum("usher_redis_commands_total", "Commands sent to Redis.", Kind::counter,
        &redis::LinkCounts::commands);
    sum("usher_redis_commands_unanswered_total",
        "Commands that Redis could not be asked, or did not answer.", Kind::counter,
        &redis::LinkCounts::unanswered);
    sum("usher_redis_connections_total", "Connections to Redis that came up.", Kind::counter,
        &redis::LinkCounts::connections);
    sum("usher_redis_commands_in_flight", "Commands that wait for their answers.", Kind::gauge,
        &redis::LinkCounts::in_flight);
    const auto count = [&](const char* name, const char* help,
                           std::atomic<std::uint64_t> redis::FeedStats::*what) {
      page.add(name, help, Kind::counter,
               [this, what] { return static_cast<double>(brokers_.feed_stats().*what); });
    };
    count("usher_redis_messages_filled_total", "Publications that pub/sub lost and history had.",
          &redis::FeedStats::filled);
    count("usher_redis_gaps_told_total",
          "Times that a channel's subscribers were told of missing messages.",
          &redis::FeedStats::lost);
    count("usher_redis_messages_unreadable_total",
          "Messages of another version, or not of a gateway.", &redis::FeedStats::unreadable);
  }

 private:
  void on_message(std::string_view channel, std::string_view payload) override {
    if (!revocations_.on_message(channel, payload))
      brokers_.listener().on_message(channel, payload);
  }
  void on_link_lost() override {
    revocations_.on_link_lost();
    brokers_.listener().on_link_lost();
  }
  void on_link_ready() override {
    revocations_.on_link_ready();
    brokers_.listener().on_link_ready();
  }

  TicketSwitch revocations_known_;
  redis::Health command_health_;
  redis::Health pub_sub_health_;
  std::vector<std::unique_ptr<RedisShard>> shards_;
  redis::RedisEngine brokers_;
  redis::PubSubLink pub_sub_;
  redis::RevocationFeed revocations_;
};

}  // namespace

void check_redis_files(const Config& config) { destination_of(config); }

std::unique_ptr<Engine> make_redis_engine(EngineParts parts) {
  return std::make_unique<RedisEngine>(parts);
}

}  // namespace usher::apps
