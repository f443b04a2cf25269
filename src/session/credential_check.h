// From what a client shows to what it may have: a ticket (or, where allowed, a JWT) becomes a
// Grant, or a reason.
//
// One check is one operation: the store is asked, then the Origin that the ticket is bound to is
// compared, then revocations. The same for the upgrade, for a first `connect`, and for an in-band
// refresh.
//
// Threads: belongs to its session.  Destroying it drops the answer: what comes later goes nowhere
// (the ticket is spent).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "edge/session.h"
#include "session/dependencies.h"

namespace usher::session {

struct Refusal {
  Rejection why;
  std::string ticket_hash;      // empty: there was no ticket to speak of
  std::optional<Duration> age;  // of an expired ticket
  std::string session = {};     // empty: not known; likewise
  std::string user = {};
};

class CredentialCheck {
 public:
  using Done = UniqueFunction<void(Result<ticket::Grant, Refusal>)>;

  CredentialCheck() = default;
  CredentialCheck(const CredentialCheck&) = delete;
  CredentialCheck& operator=(const CredentialCheck&) = delete;
  ~CredentialCheck() { cancel(); }

  // Calls `done` once, perhaps before it returns. `origin` is copied; `address_key` pays for
  // looking at a JWT. Requires that no check is under way.
  void start(SessionDependencies& dependencies, edge::Endpoint endpoint,
             std::string_view credential, std::optional<std::string_view> origin,
             std::string_view address_key, Done done);

  void cancel();
  bool under_way() const { return waiting_ != nullptr; }

 private:
  struct Waiting;

  std::shared_ptr<Waiting> waiting_;
};

}  // namespace usher::session
