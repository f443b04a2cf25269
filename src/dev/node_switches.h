// The switches of the page of `--dev`: they cause real faults in a running node, and end them.
//
// The log reports each change, and every kReminder that a fault is on, so that a deliberate fault
// is not mistaken for a real one.
//
// Threads: any.
// Borrows: the ticket stores' fault and the list of origins, which the switches act upon, and the
// log.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "auth/jwt_signer.h"
#include "auth/origin_policy.h"
#include "base/log.h"
#include "base/snapshot.h"
#include "dev/dev_page.h"
#include "ticket/gated_ticket_store.h"

namespace usher::dev {

// Settings for a token that usher would accept, except for its missing session.
struct DevTokens {
  std::string issuer;
  std::string audience;
  std::optional<auth::JwtSigner> signer;  // empty: usher has no key that signs such tokens
};

class NodeSwitches final : public DevSwitches {
 public:
  // The current value of `origins` is restored when the fault ends.
  NodeSwitches(DevTokens tokens, ticket::DevFault& store_fault,
               Snapshot<auth::OriginPolicy>& origins, Log& log);

  // Must be called before the node starts. Any shard may call `restart`.
  void on_restart(std::function<void()> restart) { restart_ = std::move(restart); }

  Faults faults() const override;
  void set(Faults faults, TimePoint now) override;
  void renew(Faults which, TimePoint now) override;
  std::optional<std::string> token_without_session(WallTime now) const override;
  bool restart() override;

  // A reload has changed these. `policy` is used at once, or when the fault ends. Any thread.
  void use(std::shared_ptr<const auth::OriginPolicy> policy, DevTokens tokens);

  // Ends the faults that the page has not renewed. Must be called about once a second.
  void tick(TimePoint now);

  static constexpr Duration kReminder = std::chrono::seconds(10);

 private:
  void change(Faults to, const char* why, TimePoint now);

  ticket::DevFault& store_fault_;
  Snapshot<auth::OriginPolicy>& origins_;
  Log& log_;
  std::function<void()> restart_;
  mutable std::mutex mutex_;  // guards all members below
  DevTokens tokens_;
  std::shared_ptr<const auth::OriginPolicy> policy_;
  Faults faults_;
  TimePoint store_down_until_{};
  TimePoint origin_blocked_until_{};
  TimePoint next_reminder_{};
};

}  // namespace usher::dev
