// The opening handshake, server side (RFC 6455 section 4.2): reads an upgrade request, checks its
// form, and writes the 101 that answers it.
//
// It looks at the request only: session/ checks Origin, rates and the ticket's validity. No
// extension is ever accepted (Sec-WebSocket-Extensions is ignored), and the only subprotocol is
// kSubprotocol.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/http_message.h"

namespace usher::wire {

inline constexpr std::string_view kSubprotocol = "usher.v1.json";
inline constexpr std::string_view kTicketSubprotocolPrefix = "usher.ticket.";

enum class UpgradeOutcome : std::uint8_t {
  ok,
  not_an_upgrade,  // no `websocket` in Upgrade: an ordinary request
  bad_request,     // 400: wants to be an upgrade, but is not well-formed
  lone_ticket,     // 400: a ticket as subprotocol, and none beside it that can be answered
  wrong_version,   // 426 with `Sec-WebSocket-Version: 13`
};

enum class TicketOffer : std::uint8_t {
  none,       // no ticket, or an empty one
  one,        // 32 lowercase hex digits, however often repeated
  malformed,  // a ticket that no store can hold
  several,    // two different ones, in query and subprotocols together
};

// The request's upgrade. Views point into the request's buffer. The members after `outcome` are
// meaningful only if `outcome` is ok.
struct Upgrade {
  UpgradeOutcome outcome = UpgradeOutcome::not_an_upgrade;
  std::string_view key;              // Sec-WebSocket-Key
  bool subprotocol_offered = false;  // kSubprotocol, to be echoed in every 101
  TicketOffer ticket_offer = TicketOffer::none;
  std::string_view ticket;  // a secret; the text of `one` or `malformed`
};

// The subprotocols that the endpoint can answer with.
enum class Subprotocols : std::uint8_t {
  ours,  // kSubprotocol
  any,   // an upstream chooses
};

// A ticket as subprotocol without one beside it that can be answered is a bad request: browsers
// fail a connection whose offered subprotocols are not answered.
Upgrade read_upgrade(const HttpRequest& request, Subprotocols answers = Subprotocols::ours);

// Returns the subprotocols that the request offers, tickets excepted, in their order.
std::vector<std::string_view> offered_subprotocols(const HttpRequest& request);

struct OfferedTicket {
  TicketOffer offer = TicketOffer::none;
  std::string_view ticket;  // as Upgrade::ticket
};

// Returns the ticket of an upgrade that another server describes: in its own query, in the query of
// the URIs in these fields (names in lowercase), or as a subprotocol. Whether the request is an
// upgrade itself does not matter.
OfferedTicket read_offered_ticket(const HttpRequest& request,
                                  std::span<const std::string_view> uri_fields);

// Returns the Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string accept_key(std::string_view key);

// What the two ends have agreed on, as the 101 says it. Empty: nothing.
struct Agreed {
  std::string_view subprotocol{};
  std::string_view extensions{};
};

// Appends the whole head of the 101; frames may follow it at once.
void append_switching_protocols(std::string& out, std::string_view key, const Agreed& agreed);

}  // namespace usher::wire
