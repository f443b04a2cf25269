// The request with which usher opens the upstream's side of a tunnel: the client's own, without its
// ticket, without the fields of the hop to usher, and without everything that only usher may say.
//
// Pure. Threads: none.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doors/upstream_table.h"
#include "wire/http_message.h"

namespace usher::doors {

// How the client came to usher.
struct CameBy {
  std::string_view client_address;  // "unix": none
  bool secure = false;              // by TLS
  bool proxy_is_trusted = false;    // the proxy before usher may say which host was meant
  std::string_view traceparent;     // of this request (W3C Trace Context)
};

// The subprotocols with which the 101 says whether the client was let in (UpstreamRefusal).
inline constexpr std::string_view kRefusedSubprotocol = "usher.refused";
inline constexpr std::string_view kAcceptedSubprotocol = "usher.accepted";

// What the client has offered, and what its 101 has to answer.
struct Offer {
  std::string key;                     // Sec-WebSocket-Key
  std::vector<std::string> protocols;  // in order, without tickets and usher's own two
  std::string extensions;              // as offered; empty: none
  bool knows_refused = false;          // kRefusedSubprotocol was offered
  bool knows_accepted = false;
};

Offer offer_of(const wire::HttpRequest& request, std::string_view key);

// Returns the head of the request, but for the fields of the identity and the empty line at its end.
// `path`: of the request, without http.prefix.
std::string upstream_request(const wire::HttpRequest& request, std::string_view path,
                             const Upstream& upstream, const Offer& offer, const CameBy& came_by);

// Completes the head.
void finish_request(std::string& head, const IdentityHeaders::Fields& identity);

// The 101 of a tunnel that is refused: it selects kRefusedSubprotocol, or else the first that was
// offered, because browsers fail a socket whose offer is not answered, and would not see the reason.
std::string refusing_101(const Offer& offer);

// The 101 of an open tunnel, with the upstream's choice.
std::string accepting_101(const Offer& offer, std::string_view protocol,
                          std::string_view extensions);

}  // namespace usher::doors
