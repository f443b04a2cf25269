#include "node/shard_parts.h"

#include "node/node_options.h"

namespace usher::node {

namespace {

// What the first shard does for the node at every tick.
void keep_house(SharedParts& shared) {
  shared.engine->tick();
  shared.readiness.tick();
  if (shared.switches) shared.switches->tick(shared.clock.now());
}

// Requires: the members of `own` before its `dependencies` have been made.
http::RouteDependencies route_dependencies(SharedParts& s, ShardParts& own, std::size_t index) {
  return {.clock = s.clock,
          .wall_clock = s.wall_clock,
          .entropy = s.entropy,
          .log = s.event_log,
          .reject_log = s.reject_log,
          .node = s.node,
          .metrics = own.metrics,
          .api_metrics = s.api_metrics[index],
          .jwt = s.verifier,
          .newer_keys = own.newer_keys.get(),
          .origins = s.origins,
          .guest_tokens = &s.guest_tokens,
          .api_keys = s.keys.api_keys ? &s.api_keys : nullptr,
          .revocations = s.revocations,
          .are_revocations_known = [&s] { return s.engine->are_revocations_known(); },
          .seen_messages = s.seen_messages,
          .tickets = own.tickets,
          .redeem_observer = own.session_metrics,
          .broker = s.engine->broker(index),
          .revoker = s.engine->revoker(index),
          .channel_rules = &s.rules,
          .upstreams = &s.upstreams,
          .ticket_hook = own.ticket_hook.get(),
          .tokens_per_address = s.tokens_per_address.get(),
          .tickets_per_address = s.tickets_per_address.get(),
          .tickets_per_session = s.tickets_per_session.get(),
          .api_failures = s.api_failures.get(),
          .logout_failures_per_address = s.logout_failures_per_address.get(),
          .preflights_per_address = s.preflights_per_address.get(),
          .refusals_per_address = s.refusals_per_address.get(),
          .ticket_queue = s.ticket_queue.get(),
          .upgrades_per_address = s.upgrades_per_address.get(),
          .upgrades_per_second = s.upgrades_per_second.get(),
          .forged_tickets = s.forged_tickets.get(),
          .in_a_turn =
              [&shard = own.shard](UniqueFunction<void()> task) { shard.post(std::move(task)); },
          .identities = s.config.log.identities,
          .metrics_page = &s.metrics_page,
          .control = &s.control,
          .dev_page = s.dev_page ? &*s.dev_page : nullptr,
          .not_ready_reasons = [&s] { return s.readiness.reasons(); }};
}

}  // namespace

ShardParts::ShardParts(SharedParts& s, std::size_t shard_index)
    : shard(*s.shards[shard_index]),
      tickets(s.engine->tickets(shard_index), {.dev_fault = &s.dev_fault}),
      shared(s),
      index(shard_index),
      metrics(s.metrics[index]),
      session_options(node::session_options(s.config, s.node_name)),
      session_metrics(metrics, s.forged_tickets.get()),
      commands(json, {.channels_per_connection = s.config.limits.channels_per_connection}),
      hub(hub_options(s.config), s.rules, s.engine->broker(index), s.clock, s.wall_clock,
          s.entropy),
      newer_keys(s.outgoing.keys_of(shard)),
      ticket_hook(s.outgoing.ticket_hook_of(shard)),
      door({.jwt = s.verifier,
            .clock = s.clock,
            .wall_clock = s.wall_clock,
            .tickets_per_address = s.tickets_per_address.get(),
            .tickets_per_session = s.tickets_per_session.get(),
            .newer_keys = newer_keys.get()}),
      subscription_door({.jwt = s.verifier,
                         .clock = s.clock,
                         .wall_clock = s.wall_clock,
                         .revocations = s.revocations,
                         .tickets_per_address = s.tickets_per_address.get(),
                         .newer_keys = newer_keys.get()}),
      dependencies(route_dependencies(s, *this, index)),
      router(router_options(s.config, s.node_name), dependencies, s.route_metrics[index]),
      gate({.connections_max = connections_max(s.config)},
           {s.node, metrics, s.route_metrics[index][gateway::Route::websocket], router.refusals(),
            s.upgrades_per_address.get(), s.upgrades_per_second.get(), s.forged_tickets.get()}),
      hooks(s.outgoing.hooks_of(shard)),
      sessions{.options = session_options,
               .hub = hub,
               .tickets = tickets,
               .origins = s.origins,
               .revocations = s.revocations,
               .tokens = s.config.client.accept_jwt ? &door : nullptr,
               .hooks = hooks.get(),
               .subscription_tokens = &subscription_door,
               .wall_clock = s.wall_clock,
               .log = s.event_log,
               .reject_log = s.reject_log,
               .observer = session_metrics,
               .json = json,
               .commands = commands},
      tunnels{sessions, s.upstreams, s.upstream_metrics[index]},
      application({router, gate, sessions, tunnels, hub, metrics, s.entropy,
                   index == 0 ? [&s] { keep_house(s); } : std::function<void()>()}) {
  shard.serve(application);
}

void ShardParts::take_over(const Settings& settings) {
  const config::Config& config = settings.config;
  session_options = node::session_options(config, shared.node_name);
  session_options.ping_interval_told_min = shared.ping_interval_told_min;
  sessions.tokens = config.client.accept_jwt ? &door : nullptr;
  commands.set_options({.channels_per_connection = config.limits.channels_per_connection});
  hub.set_options(hub_options(config));
  dependencies.identities = config.log.identities;
  router.set_options(router_options(config, shared.node_name));
  gate.set_options({.connections_max = connections_max(config)});
  shard.set(shard_options(config), settings.trusted_proxies);
  if (settings.keys.tls) shard.set_tls(settings.keys.tls);
  shared.engine->take_over(index, config);
}

}  // namespace usher::node
