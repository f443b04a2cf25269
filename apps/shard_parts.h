// What each shard of a node has for itself: its hub, routes and sessions, wired to what all share.
//
// Threads: its own, which the node starts and joins; made and destroyed while that does not run.
// Borrows: the shared parts.
#pragma once

#include <cstddef>
#include <memory>
#include <thread>

#include "apps/gateway_application.h"
#include "apps/shared_parts.h"
#include "apps/switched_ticket_store.h"
#include "gateway/jwt_door.h"
#include "gateway/router.h"
#include "gateway/services.h"
#include "gateway/session_metrics.h"
#include "gateway/upgrade_gate.h"
#include "hub/hub.h"
#include "net/shard.h"
#include "net/shard_hooks.h"
#include "session/services.h"
#include "wire/json.h"

namespace usher::apps {

struct ShardParts {
  ShardParts(SharedParts& shared, std::size_t index);

  net::Shard& shard;  // its connections must end before what they use: see ~Node
  SwitchedTicketStore tickets;
  gateway::ShardMetrics& metrics;
  gateway::SessionMetrics session_metrics;
  wire::JsonReader json;
  wire::CommandReader commands;
  hub::Hub hub;
  std::unique_ptr<net::ShardKeys> newer_keys;
  gateway::JwtDoor door;
  gateway::Services services;
  gateway::Router router;
  gateway::UpgradeGate gate;
  std::unique_ptr<net::ShardHooks> hooks;
  session::SessionServices sessions;
  GatewayApplication application;
  std::thread thread;
};

}  // namespace usher::apps
