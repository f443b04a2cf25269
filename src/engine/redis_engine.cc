#include "redis/broker/redis_brokers.h"

#include "api/revoker.h"
#include "engine/engine.h"
#include "metrics/metrics_page.h"
#include "net/shard.h"
#include "redis/link/link.h"
#include "redis/link/pub_sub_link.h"
#include "redis/link/trust.h"
#include "redis/revocations/revocation_feed.h"
#include "redis/tickets/ticket_store.h"
#include "ticket/gated_ticket_store.h"

namespace usher::engine {
namespace {

redis::Destination destination_of(const config::Config& whole) {
  const config::RedisConfig& config = whole.redis;
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

redis::Dependencies dependencies_of(const EngineParts& parts, net::Shard& shard,
                                    redis::Health& health, std::function<bool()> held_up = {}) {
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

class RedisRevoker final : public api::Revoker {
 public:
  RedisRevoker(redis::RedisBrokers& brokers, std::size_t shard)
      : brokers_(brokers), shard_(shard) {}

  void revoke(auth::RevokedBy by, std::string_view name, WallTime revoked_at, WallTime until,
              WallTime now, Handler done) override {
    redis::Revocation revocation{static_cast<redis::Revocation::By>(by), std::string(name),
                                 until.time_since_epoch().count(), unix_seconds(revoked_at)};
    brokers_.revoke(shard_, std::move(revocation), now,
                    [done = std::move(done)](redis::RevocationTold told) mutable {
                      switch (told) {
                        case redis::RevocationTold::yes:
                          return done(api::RevokedElsewhere::yes);
                        case redis::RevocationTold::full:
                          return done(api::RevokedElsewhere::full);
                        case redis::RevocationTold::unknown:
                          return done(api::RevokedElsewhere::later);
                      }
                    });
  }

 private:
  redis::RedisBrokers& brokers_;
  const std::size_t shard_;
};
static_assert(
    static_cast<int>(redis::Revocation::By::user) == static_cast<int>(auth::RevokedBy::user) &&
    static_cast<int>(redis::Revocation::By::jti) == static_cast<int>(auth::RevokedBy::jti) &&
    static_cast<int>(redis::Revocation::By::sid) == static_cast<int>(auth::RevokedBy::sid));

redis::TicketStoreOptions ticket_options(const config::Config& config) {
  return {.key_prefix = config.redis.key_prefix,
          .forgetful_for = config.ticket.ttl + ticket::kTombstoneFor,
          .outstanding_max = config.ticket.outstanding_max,
          .outstanding_bytes_max = config.ticket.outstanding_bytes,
          .shares = {.free_parts = config.ticket.outstanding_share}};
}

// A shard's link, and what speaks over it.
struct RedisShard {
  RedisShard(const EngineParts& parts, net::Shard& shard, const redis::Destination& destination,
             redis::Health& health, const ticket::RevocationsLoaded& loaded,
             std::function<void()> connected)
      : link({.command_timeout = parts.config.ticket.store_timeout,
              .connected = std::move(connected)},
             destination, dependencies_of(parts, shard, health)),
        store(link, parts.entropy, ticket_options(parts.config)),
        tickets(store, {.revocations_loaded = &loaded}) {}

  redis::Link link;
  redis::RedisTicketStore store;
  ticket::GatedTicketStore tickets;
};

std::vector<std::unique_ptr<RedisShard>> make_shards(const EngineParts& parts,
                                                     redis::Health& health,
                                                     const ticket::RevocationsLoaded& loaded,
                                                     std::function<void()> first_connected) {
  const redis::Destination destination = destination_of(parts.config);
  std::vector<std::unique_ptr<RedisShard>> shards;
  for (net::Shard* const shard : parts.shards) {
    shards.push_back(std::make_unique<RedisShard>(parts, *shard, destination, health, loaded,
                                                  std::exchange(first_connected, nullptr)));
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
  options.version = USHER_VERSION;
  options.orders_kept_max = parts.config.redis.orders_kept_max;
  options.connections_per_session_max = parts.config.limits.connections_per_session;
  options.connections_per_user_max = parts.config.limits.connections_per_user;
  options.presence_per_channel_max = parts.config.limits.presence_per_channel;
  return options;
}

class RedisEngine final : public Engine, private redis::PubSubListener {
 public:
  explicit RedisEngine(const EngineParts& parts)
      : log_(parts.log),
        command_health_(parts.log, "commands"),
        pub_sub_health_(parts.log, "pub/sub"),
        // What has to wait for the first shard's connection goes on as soon as it is there.
        shards_(make_shards(parts, command_health_, revocations_loaded_,
                            [this] { revocations_.tick(); })),
        brokers_(broker_options(parts), parts.rules, parts.clock, parts.entropy, parts.post,
                 links_of(shards_)),
        pub_sub_({.answer_timeout = parts.config.ticket.store_timeout},
                 destination_of(parts.config),
                 // What it brings goes to all shards: it waits while one is behind, as clients do.
                 dependencies_of(parts, *parts.shards.front(), pub_sub_health_,
                                 [&shard = *parts.shards.front()] { return shard.is_held_up(); }),
                 *this),
        revocations_(
            shards_.front()->link, pub_sub_, parts.wall_clock, revocation_options(parts),
            [apply = parts.on_revoked](const redis::Revocation& revocation) {
              apply(static_cast<auth::RevokedBy>(revocation.by), revocation.name,
                    revocation.revoked_at(),
                    WallTime(std::chrono::milliseconds(revocation.until_ms)));
            },
            [this] { on_revocations_loaded(); }) {
    brokers_.use(pub_sub_);
    for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
      revokers_.emplace_back(brokers_, shard);
    }
  }

  void take_over(const config::Config& config) override {
    brokers_.set_limits(config.limits.connections_per_session, config.limits.connections_per_user,
                        config.limits.presence_per_channel);
  }
  void take_over(std::size_t shard, const config::Config& config) override {
    shards_[shard]->store.set_options(ticket_options(config));
    shards_[shard]->link.set_command_timeout(config.ticket.store_timeout);
    if (shard == 0) pub_sub_.set_answer_timeout(config.ticket.store_timeout);
  }

  hub::Broker& broker(std::size_t shard) override { return brokers_.broker(shard); }
  ticket::TicketStore& tickets(std::size_t shard) override { return shards_[shard]->tickets; }

  api::Revoker* revoker(std::size_t shard) override { return &revokers_[shard]; }

  void start() override {
    for (const auto& shard : shards_) shard->link.start();
    pub_sub_.start();
  }

  ~RedisEngine() override {
    if (const std::size_t kept = brokers_.desk().kept(); kept > 0) {
      log_.error("orders of this gateway end with it: others were not told",
                 {{"count", static_cast<std::uint64_t>(kept)}});
    }
  }

  void tick() override {
    revocations_.tick();
    const std::uint64_t dropped = brokers_.desk().dropped();
    if (dropped != std::exchange(dropped_said_, dropped)) {
      log_.error("redis.orders_kept_max reached: orders were carried out on this gateway alone",
                 {{"count", dropped}});
    }
    const std::uint64_t missed = brokers_.orders_missed();
    if (missed != std::exchange(missed_said_, missed)) {
      log_.error("orders of other gateways never came here", {{"count", missed}});
    }
  }
  void say_goodbye() override { brokers_.say_goodbye(); }

  bool are_revocations_known() const override { return revocations_.is_loaded(); }

  std::vector<std::string> not_ready_reasons() const override {
    std::vector<std::string> reasons;
    if (!command_health_.all_up()) {
      reasons.emplace_back("redis can't be reached");
      if (std::string why = command_health_.reason(); !why.empty()) {
        reasons.push_back("redis: " + std::move(why));
      }
    } else if (const std::string said = brokers_.write_refusal(); !said.empty()) {
      reasons.push_back("redis refuses writes: " + said);
    }
    if (!pub_sub_health_.all_up()) reasons.emplace_back("redis pub/sub is down");
    if (!revocations_.is_loaded()) {
      reasons.emplace_back("revocations are not loaded");
    } else if (!brokers_.ready() && pub_sub_health_.all_up()) {
      const std::string said = brokers_.read_refusal();
      reasons.push_back("orders of other gateways are not read" +
                        (said.empty() ? std::string() : ": " + said));
    }
    return reasons;
  }

  void add_metrics(metrics::MetricsPage& page) const override {
    using Kind = metrics::MetricsPage::Kind;
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
    page.add("usher_redis_orders_kept", "Orders that not every gateway has been told yet.",
             Kind::gauge, [this] { return static_cast<double>(brokers_.desk().kept()); });
    page.add("usher_redis_orders_dropped_total",
             "Orders that were carried out here alone: redis.orders_kept_max was reached.",
             Kind::counter, [this] { return static_cast<double>(brokers_.desk().dropped()); });
    page.add("usher_redis_orders_missed_total",
             "Orders of other gateways that this one has never heard.", Kind::counter,
             [this] { return static_cast<double>(brokers_.orders_missed()); });
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
  // Until the revocations are loaded, at the start and after each lost link, no ticket is redeemed,
  // and nothing is delivered: a revocation that is not loaded yet may name the session.
  void on_link_lost() override {
    revocations_loaded_.set_outdated();
    revocations_.on_link_lost();
    brokers_.listener().on_link_lost();
  }
  void on_link_ready() override { revocations_.on_link_ready(); }
  void on_revocations_loaded() {
    revocations_loaded_.set_loaded();
    brokers_.listener().on_link_ready();
  }

  Log& log_;
  ticket::RevocationsLoaded revocations_loaded_;
  redis::Health command_health_;
  redis::Health pub_sub_health_;
  std::vector<std::unique_ptr<RedisShard>> shards_;
  redis::RedisBrokers brokers_;
  redis::PubSubLink pub_sub_;
  redis::RevocationFeed revocations_;
  std::vector<RedisRevoker> revokers_;
  std::uint64_t dropped_said_ = 0;
  std::uint64_t missed_said_ = 0;
};

}  // namespace

void check_redis_files(const config::Config& config) { destination_of(config); }

std::unique_ptr<Engine> make_redis_engine(EngineParts parts) {
  return std::make_unique<RedisEngine>(parts);
}

}  // namespace usher::engine
