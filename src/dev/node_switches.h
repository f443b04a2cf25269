// The switches of the page of `--dev`: they break a running node for real, and mend it again.
//
// The log says when one is switched, and every kReminder while one is on: a gateway that is broken
// on purpose must not be taken for one that is broken.
//
// Threads: any.  Borrows: the ticket stores' fault, the list of origins that they act upon, and
// the log.
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

// How a token is made that usher itself would accept, but for its missing session.
struct DevTokens {
  std::string issuer;
  std::string audience;
  std::optional<auth::JwtSigner> signer;  // nothing: others sign the tokens, and we can't
};

class NodeSwitches final : public DevSwitches {
 public:
  // `origins` holds what it goes back to when it is mended.
  NodeSwitches(DevTokens tokens, ticket::DevFault& store_fault,
               Snapshot<auth::OriginPolicy>& origins, Log& log);

  // Before the node starts. Called from any shard.
  void on_restart(std::function<void()> restart) { restart_ = std::move(restart); }

  Faults faults() const override;
  void set(Faults faults, TimePoint now) override;
  void renew(Faults which, TimePoint now) override;
  std::optional<std::string> token_without_session(WallTime now) const override;
  bool restart() override;

  // Ends what its page has not renewed. To be called every second or so.
  void tick(TimePoint now);

  static constexpr Duration kReminder = std::chrono::seconds(10);

 private:
  void change(Faults to, const char* why, TimePoint now);

  ticket::DevFault& store_fault_;
  Snapshot<auth::OriginPolicy>& origins_;
  Log& log_;
  const std::shared_ptr<const auth::OriginPolicy> policy_;
  const DevTokens tokens_;
  std::function<void()> restart_;
  mutable std::mutex mutex_;  // of all below
  Faults faults_;
  TimePoint store_down_until_{};
  TimePoint origin_blocked_until_{};
  TimePoint next_reminder_{};
};

}  // namespace usher::dev
