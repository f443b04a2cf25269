// TCP keepalive: the kernel finds peers that have vanished without a word, within some two minutes.
// For tunnels, in which usher sends no pings of its own.
#pragma once

namespace usher::net {

// Does nothing for a unix socket.
void keep_alive(int fd);

}  // namespace usher::net
