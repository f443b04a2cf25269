// Tells systemd the state of the process (sd_notify(3)): the unit is `Type=notify`.
//
// Sends one datagram to the socket that the environment names; does nothing without one. usher
// serves even if the supervisor can't be reached.
#pragma once

#include <string_view>

namespace usher::node {

inline constexpr std::string_view kSupervisorReady = "READY=1";
inline constexpr std::string_view kSupervisorStopping = "STOPPING=1";

// `socket_path`: the value of NOTIFY_SOCKET, a path, or '@' and an abstract name; null or empty: no
// supervisor. Returns true if the message was sent.
bool tell_supervisor(const char* socket_path, std::string_view state);

}  // namespace usher::node
