// One shard's gateway, as net/ sees it: routes, the door for upgrades, and sessions.
//
// Threads: one each shard.  Borrows: everything named in GatewayParts.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "gateway/router.h"
#include "gateway/upgrade_gate.h"
#include "hub/hub.h"
#include "net/application.h"
#include "session/services.h"

namespace usher::apps {

struct GatewayParts {
  gateway::Router& router;
  gateway::UpgradeGate& gate;
  session::SessionServices& sessions;
  hub::Hub& hub;
  gateway::ShardMetrics& metrics;
  Entropy& entropy;
  std::function<void()> housekeeping;  // once a second; may be empty
};

class GatewayApplication final : public net::Application {
 public:
  explicit GatewayApplication(GatewayParts parts) : parts_(std::move(parts)) {}

  std::optional<session::Endpoint> endpoint(const wire::HttpRequest& request,
                                            gateway::Listener listener) override;
  std::optional<wire::HttpResponse> admit(const gateway::RequestContext& context,
                                          bool has_ticket) override;
  void release() override { parts_.gate.release(); }
  std::unique_ptr<session::Session> open(session::Link& link, const session::Opening& opening,
                                         TimePoint now) override;
  gateway::BodyLimit body_limit(const gateway::RequestContext& head) override;
  void handle(const gateway::RequestContext& context, gateway::Respond respond) override;
  wire::HttpResponse refuse(int status, std::string_view detail,
                            const gateway::RequestContext& context) override;
  void on_internal_error(std::string_view) override { parts_.metrics.internal_errors.add(); }
  void on_socket(int change) override { parts_.metrics.sockets.add(change); }
  void tick(TimePoint now) override;

 private:
  GatewayParts parts_;
};

}  // namespace usher::apps
