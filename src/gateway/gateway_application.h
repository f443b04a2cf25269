// One shard's gateway, as net/ sees it: routes, the door for upgrades, and sessions.
//
// Threads: one each shard.  Borrows: everything named in GatewayParts.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "edge/application.h"
#include "gateway/router.h"
#include "gateway/upgrade_gate.h"
#include "hub/hub.h"
#include "session/dependencies.h"
#include "session/tunnel_session.h"

namespace usher::gateway {

struct GatewayParts {
  Router& router;
  UpgradeGate& gate;
  session::SessionDependencies& sessions;
  session::TunnelDependencies& tunnels;
  hub::Hub& hub;
  metrics::ShardMetrics& metrics;
  Entropy& entropy;
  std::function<void()> housekeeping;  // once a second; may be empty
};

class GatewayApplication final : public edge::Application {
 public:
  explicit GatewayApplication(GatewayParts parts) : parts_(std::move(parts)) {}

  std::optional<edge::Endpoint> endpoint(const wire::HttpRequest& request,
                                         edge::ListenerRole listener) override;
  std::optional<wire::HttpResponse> admit(const edge::RequestContext& context,
                                          bool has_ticket) override;
  void release() override { parts_.gate.release(); }
  std::unique_ptr<edge::Session> open(edge::Outlet& outlet, const edge::Opening& opening,
                                      TimePoint now) override;
  std::unique_ptr<edge::TunnelSession> open_tunnel(edge::TunnelOutlet& outlet,
                                                   const edge::TunnelOpening& opening,
                                                   TimePoint now) override;
  edge::BodyLimit body_limit(const edge::RequestContext& head) override;
  void handle(const edge::RequestContext& context, edge::Respond respond) override;
  wire::HttpResponse refuse(int status, std::string_view detail,
                            const edge::RequestContext& context) override;
  void on_internal_error(std::string_view) override { parts_.metrics.internal_errors.add(); }
  void on_socket(int change) override { parts_.metrics.sockets.add(change); }
  void tick(TimePoint now) override;

 private:
  GatewayParts parts_;
};

}  // namespace usher::gateway
