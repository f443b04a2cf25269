// TCP keepalive: the kernel finds peers that have vanished without a word, within some two minutes if
// nothing was on its way to them; otherwise it gives up sending after some 15 minutes (tcp_retries2).
// For tunnels, in which usher sends no pings of its own.
#pragma once

namespace usher::net {

// Does nothing for a unix socket.
void keep_alive(int fd);

}  // namespace usher::net
