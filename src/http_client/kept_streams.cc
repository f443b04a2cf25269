#include "http_client/kept_streams.h"

#include <sys/socket.h>

#include <cerrno>

namespace usher::http_client {
namespace {

constexpr auto kTick = std::chrono::seconds(1);

}  // namespace

bool KeptStreams::is_quiet(PlainStream& stream) {
  char byte = 0;
  const ssize_t got = ::recv(stream.socket().native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void KeptStreams::arm() {
  if (armed) return;
  armed = true;
  timer.expires_after(kTick);
  timer.async_wait([this](const boost::system::error_code& error) {
    if (!error) tick();
  });
}

void KeptStreams::tick() {
  armed = false;
  plain.older = std::exchange(plain.fresh, {});
  tls.older = std::exchange(tls.fresh, {});
  if (size() > 0) arm();
}

}  // namespace usher::http_client
