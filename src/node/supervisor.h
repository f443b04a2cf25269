// Tells systemd how it stands with the process (sd_notify(3)): the unit is `Type=notify`.
//
// One datagram to the socket that the environment names; without one nothing happens. A supervisor
// that can't be reached is no reason not to serve.
#pragma once

#include <string_view>

namespace usher::node {

inline constexpr std::string_view kSupervisorReady = "READY=1";
inline constexpr std::string_view kSupervisorStopping = "STOPPING=1";

// `socket_path` as NOTIFY_SOCKET has it: a path, or '@' and an abstract name. Null or empty: nobody
// asked. Whether the message was sent.
bool tell_supervisor(const char* socket_path, std::string_view state);

}  // namespace usher::node
