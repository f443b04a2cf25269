// One HTTP request and the way to answer it: what net/ hands to the routes.
//
// Routes are pure: they see parsed values and the time, and they answer through `Respond`, inline
// or later.
//
// Threads: a request is handled, and answered, on the thread of the shard that it came in on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/unique_function.h"
#include "base/wall_clock.h"
#include "wire/http_message.h"

namespace usher::edge {

// What the listener that took the connection serves. By default backends share the clients' one
// (contract section 4).
enum class ListenerRole : std::uint8_t { client, client_and_api, api, admin };

struct RequestContext {
  // Good until handle() returns: who answers later copies what it still needs.
  const wire::HttpRequest& request;

  // Text of the peer's address, seen through the trusted proxies. Same lifetime.
  std::string_view peer_address;

  // `peer_address` stands for many: a proxy that named no client, or a unix socket. What one caller
  // does wrong is not charged to it.
  bool address_is_shared = false;

  bool secure = false;  // the browser's side of the last trusted hop is TLS
  ListenerRole listener = ListenerRole::client;

  // The body was longer than Router::body_limit() allows, or not wanted at all, and has not been
  // read. The router still says what is wrong first (path, method, Origin, API key) and then 413;
  // the connection ends behind the answer.
  bool body_too_large = false;

  TimePoint now;
  WallTime wall_now;
};

// What net/ needs to know of a request before it reads its body.
struct BodyLimit {
  std::size_t bytes_max = 0;
  bool wanted = true;         // no: the head alone is reason to refuse the request
  bool from_backend = false;  // it has shown an API key
};

// Called exactly once for each request. Must stay callable until then: net/ drops the answer when
// the peer has left.
using Respond = UniqueFunction<void(wire::HttpResponse)>;

}  // namespace usher::edge
