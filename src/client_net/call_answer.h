// Reads the answers of the token and ticket calls. Pure: no socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "client/failure.h"
#include "client/protocol.h"
#include "http_client/call.h"

namespace usher::client_net {

using HttpAnswer = http_client::Answer;

struct GuestToken {
  std::string token;
  client::Millis life;
};

struct IssuedTicket {
  std::string ticket;
  client::Millis life;
};

// A 2xx without the members that its call promises is a failure with that status.
std::variant<GuestToken, client::HttpFailure> read_token_answer(const HttpAnswer& answer);
std::variant<IssuedTicket, client::HttpFailure> read_ticket_answer(const HttpAnswer& answer);

// Whether the token can be sent in an Authorization header: visible ASCII without spaces, at most
// 16 KiB. Any other text could forge a header.
bool is_bearer(std::string_view token);

}  // namespace usher::client_net
