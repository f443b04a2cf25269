// The switches of the page of `--dev`: they break a running node for real, and mend it again.
//
// Threads: any.  Borrows: the ticket stores' switch and the list of origins that they act upon.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "apps/config.h"
#include "apps/keys.h"
#include "apps/switched_ticket_store.h"
#include "auth/jwt_signer.h"
#include "auth/origin_policy.h"
#include "base/snapshot.h"
#include "gateway/dev_page.h"

namespace usher::apps {

class DemoSwitches final : public gateway::DevSwitches {
 public:
  // `origins` holds what it goes back to when it is mended.
  DemoSwitches(const Config& config, const std::optional<DevSecrets>& dev, TicketSwitch& tickets,
               Snapshot<auth::OriginPolicy>& origins);

  // Before the node starts. Called from any shard.
  void on_restart(std::function<void()> restart) { restart_ = std::move(restart); }

  Faults faults() const override;
  void set(Faults faults) override;
  std::optional<std::string> token_without_session(WallTime now) const override;
  bool restart() override;

 private:
  TicketSwitch& tickets_;
  Snapshot<auth::OriginPolicy>& origins_;
  const std::shared_ptr<const auth::OriginPolicy> policy_;
  const std::string issuer_;
  const std::string audience_;
  std::optional<auth::JwtSigner> signer_;  // nothing: others sign the tokens, and we can't
  std::function<void()> restart_;
  mutable std::mutex mutex_;  // of the one line below
  bool origin_blocked_ = false;
};

}  // namespace usher::apps
