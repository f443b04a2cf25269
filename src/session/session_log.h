// The lines that a connection leaves in the log, from the good credential on. Admission logs
// rejections.
//
// Threads: its session's. Borrows: dependencies, and the names in `who`.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/log_identity.h"
#include "base/wall_clock.h"
#include "edge/session.h"
#include "hub/broker.h"
#include "session/dependencies.h"

namespace usher::session {

class SessionLog {
 public:
  // `upstream`: the name of a tunnel's; empty: none.
  SessionLog(const SessionDependencies& dependencies, LogIdentity who, edge::Endpoint endpoint,
             std::string_view upstream = {});

  void authenticated(bool has_user) const;
  void connected(std::optional<std::string_view> origin) const;
  void subscription_refused(std::string_view channel, const hub::SubscribeError& error) const;
  void disconnected(std::uint16_t code, std::string_view reason, WallTime connected_at) const;

 private:
  void write(std::string_view message, std::vector<LogField> fields, Log::Fields last) const;

  const SessionDependencies& dependencies_;
  LogIdentity who_;
  std::string_view transport_;
  std::string_view upstream_;
};

}  // namespace usher::session
