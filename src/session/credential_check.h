// Checks a client's credential: turns a ticket (or, where allowed, a JWT) into a Grant or a
// Refusal.
//
// One check is one operation: it asks the store, compares the Origin that the ticket is bound to,
// and looks up revocations. The upgrade, a first `connect` and a refresh on the live connection are
// checked in the same way.
//
// Threads: belongs to its session.  Destroying it drops the answer; the ticket is spent
// nevertheless.
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
  std::string ticket_hash;      // empty: no ticket was shown
  std::optional<Duration> age;  // of an expired ticket
  std::string session = {};     // empty: not known
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
  // checking a JWT. Requires: no check is under way.
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
