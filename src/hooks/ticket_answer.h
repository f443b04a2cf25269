// Reads the answer of the backend's ticket hook, strictly: a member that usher does not know is a
// fault, because it may restrict what the answer grants.
//
//     200 {"session":"…","user":"…","channels":[…],"info":…,"claims":{…},"expires_in":3600}
//     200 {"error":{"status":401,"code":"…","message":"…"}}     refused; status 401 or 403
//     401 or 403                                                refused; the body may be as above
//
// Without a `session` the user's own one is meant: "user:" and the user.
//
// Threads: a JsonReader belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/claims.h"
#include "base/result.h"
#include "ticket/ticket_hook.h"
#include "wire/json.h"

namespace usher::hooks {

struct TicketAnswerLimits {
  std::size_t channels_per_token = 128;
  std::size_t info_bytes = 1024;
  std::vector<std::string> claims{};  // names that `claims` may have
  std::size_t claims_bytes_max = 4096;
};

enum class TicketAnswerFault : std::uint8_t {
  redirect,
  status,
  malformed,       // not JSON, or not an object
  unknown_member,  // besides those above
  no_name,         // neither `session` nor `user`
  bad_name,
  bad_channels,
  bad_info,
  bad_claims,
  bad_expiry,
  bad_error,
};
// Returns a sentence for the operator's log, without a full stop.
std::string_view reason_of(TicketAnswerFault fault);

using TicketSaid = std::variant<auth::Claims, ticket::BackendRefusal>;

// `now`: Unix seconds. `body` may be incomplete or empty if `status` is 401 or 403.
Result<TicketSaid, TicketAnswerFault> read_ticket_answer(int status, std::string_view body,
                                                         std::int64_t now,
                                                         const TicketAnswerLimits& limits,
                                                         wire::JsonReader& json);

}  // namespace usher::hooks
