// The parts that each shard of a node has for itself: its hub, routes and sessions, wired to the
// shared parts.
//
// Threads: its own, which the node starts and joins. Made and destroyed while that thread does not
// run.
// Borrows: the shared parts.
#pragma once

#include <cstddef>
#include <memory>
#include <thread>

#include "gateway/gateway_application.h"
#include "gateway/jwt_door.h"
#include "gateway/router.h"
#include "gateway/session_metrics.h"
#include "gateway/subscription_door.h"
#include "gateway/upgrade_gate.h"
#include "hooks/shard_hooks.h"
#include "hooks/shard_ticket_hook.h"
#include "http/dependencies.h"
#include "hub/hub.h"
#include "net/shard.h"
#include "node/shared_parts.h"
#include "session/dependencies.h"
#include "ticket/gated_ticket_store.h"
#include "wire/json.h"

namespace usher::node {

struct ShardParts {
  ShardParts(SharedParts& shared, std::size_t index);

  // On the shard's thread, in a turn of its own.
  void take_over(const Settings& settings);

  net::Shard& shard;  // its connections must end before the parts that they use: see ~Node
  ticket::GatedTicketStore tickets;
  SharedParts& shared;
  const std::size_t index;
  metrics::ShardMetrics& metrics;
  session::SessionOptions session_options;
  gateway::SessionMetrics session_metrics;
  wire::JsonReader json;
  wire::CommandReader commands;
  hub::Hub hub;
  std::unique_ptr<issuer::ShardKeys> newer_keys;
  std::unique_ptr<hooks::ShardTicketHook> ticket_hook;
  gateway::JwtDoor door;
  gateway::SubscriptionDoor subscription_door;
  http::RouteDependencies dependencies;
  gateway::Router router;
  gateway::UpgradeGate gate;
  std::unique_ptr<hooks::ShardHooks> hooks;
  session::SessionDependencies sessions;
  session::TunnelDependencies tunnels;
  gateway::GatewayApplication application;
  std::thread thread;
};

}  // namespace usher::node
