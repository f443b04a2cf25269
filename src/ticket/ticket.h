// A ticket: a secret of 128 random bits, its hash, and the grant that it is exchanged for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace usher::ticket {

// The bearer's secret: 32 lowercase hex digits. It goes to the client only; stores and logs see the
// TicketHash.
struct Ticket {
  std::string text;
};

// SHA-256 of the ticket's text. Stores keep only this, so that a stolen store opens no connection.
struct TicketHash {
  Sha256 bytes{};
  friend auto operator<=>(const TicketHash&, const TicketHash&) = default;

  // Returns the first 12 hex digits: `ticketHash` in log lines.
  std::string for_log() const { return to_hex(std::span(bytes).first(6)); }
};

// The largest `subs` of a grant, as JSON text.
inline constexpr std::size_t kSubsBytesMax = 16 * 1024;

// Everything that a connection needs. It is stored when the ticket is issued, so that opening the
// connection needs no other call.
struct Grant {
  std::string session;
  std::string user;                   // empty: not logged in
  std::string jti;                    // empty: none
  std::optional<std::int64_t> iat;    // of the token, Unix seconds
  std::int64_t token_exp = 0;         // of the token, Unix seconds
  std::vector<std::string> channels;  // exact names and `prefix*` patterns that the token permits
  std::string subs;    // requested subscriptions: the request's `subs` object as raw JSON, or empty
  std::string info{};  // shown to other clients as `conn_info`: JSON on one line, or empty
  std::string sid{};   // auth::Claims::sid: the session at the OpenID provider, or empty
  std::string claims;  // claims of the token, for servers behind usher: a JSON object, or empty
  std::optional<std::string> origin;  // the Origin of the request, if it had one
  // The payer whose share of the store the ticket takes (ticket_shares.h): any bytes that name the
  // requesting address. Empty: no share is charged, as for a backend. Redeeming does not return it.
  std::string payer{};
  friend bool operator==(const Grant&, const Grant&) = default;
};

}  // namespace usher::ticket
