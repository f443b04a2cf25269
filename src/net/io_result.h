// The result of one read or write on a non-blocking socket.
#pragma once

#include <cstddef>
#include <cstdint>

namespace usher::net {

enum class IoStatus : std::uint8_t {
  done,        // `bytes` were moved
  want_read,   // nothing until the socket is readable
  want_write,  // nothing until the socket is writable
  end,         // reading: the peer has finished sending
  failed,      // the connection is gone
};

struct IoResult {
  IoStatus status;
  std::size_t bytes = 0;
};

}  // namespace usher::net
