// What the answers of the token and ticket calls mean: pure reading, no socket.
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

// A 2xx whose body is not what was asked for is a failure with that status.
std::variant<GuestToken, client::HttpFailure> read_token_answer(const HttpAnswer& answer);
std::variant<IssuedTicket, client::HttpFailure> read_ticket_answer(const HttpAnswer& answer);

// May travel in an Authorization header: visible ASCII, no spaces, at most 16 KiB. Else it could
// forge one.
bool is_bearer(std::string_view token);

}  // namespace usher::client_net
