// One HTTP request and the way to answer it, as net/ hands it to the routes.
//
// Routes are pure: they receive parsed values and the time, and they answer through `Respond`,
// inline or later.
//
// Threads: a request is handled, and answered, on the thread of its shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/unique_function.h"
#include "base/wall_clock.h"
#include "wire/http_message.h"

namespace usher::edge {

// Which requests a listening socket serves. By default backends use the same one as clients
// (contract section 4).
enum class ListenerRole : std::uint8_t {
  client,
  client_and_api,
  api,
  admin,
  verify,  // the verify door, for proxies
};

// Returns whether each peer of the listening socket speaks for itself. On the other sockets no
// limit holds for a peer's address: a proxy asks for all its clients, and monitoring must always get
// through.
constexpr bool has_own_peers(ListenerRole role) {
  return role != ListenerRole::admin && role != ListenerRole::verify;
}

struct RequestContext {
  // Good until handle() returns: a route that answers later copies the parts that it still needs.
  const wire::HttpRequest& request;

  // The client's address as text, taken from the trusted proxies' fields if there are such proxies.
  // Same lifetime.
  std::string_view peer_address;

  // `peer_address` stands for many clients: it is a proxy that named none, or a unix socket.
  // Mistakes of one client are not charged to it.
  bool address_is_shared = false;

  bool secure = false;  // the browser's side of the last trusted hop is TLS
  ListenerRole listener = ListenerRole::client;

  // The body was longer than body_limit() allows, or is not wanted at all, and has not been read.
  // The router still checks path, method, Origin and API key first, and answers 413 after that. The
  // connection ends after the answer.
  bool body_too_large = false;

  TimePoint now;
  WallTime wall_now;
};

// How much of a request's body net/ may read.
struct BodyLimit {
  std::size_t bytes_max = 0;
  bool wanted = true;         // false: the request is refused for its head alone
  bool from_backend = false;  // the request has a valid API key
};

// Called exactly once for each request. It may be called after the peer has left: net/ then drops
// the answer.
using Respond = UniqueFunction<void(wire::HttpResponse)>;

}  // namespace usher::edge
