// What the answers of the token and ticket calls mean: pure reading, no socket.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "client/failure.h"
#include "client/protocol.h"

namespace usher::client_net {

// An HTTP exchange that has ended. No status: there was no answer.
struct HttpAnswer {
  std::optional<int> status;
  std::string body;
  std::optional<std::string> retry_after;
  std::string detail;  // where there was no answer: why, for a human
};

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
