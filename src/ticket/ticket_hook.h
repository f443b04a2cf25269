// The application's backend as the ticket route sees it: it says who the sender of a request is, by
// the request's cookies and the like.
//
// Implemented in hooks/shard_ticket_hook.h; hooks/ticket_answer.h reads the answers.
//
// Threads: one for each shard, used on that shard's thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "auth/claims.h"
#include "base/unique_function.h"
#include "wire/http_message.h"

namespace usher::ticket {

struct TicketQuestion {
  const wire::HttpRequest& request;  // during the call only, like `address`
  std::string_view address;          // of the client
  bool address_is_shared = false;    // `address` stands for many clients
};

// The backend says no, for good.
struct BackendRefusal {
  int status = 401;     // or 403
  std::string code;     // visible ASCII; empty: the backend gave none
  std::string message;  // for people; may be empty
};

enum class TicketHookFault : std::uint8_t {
  no_credentials,  // the request has nothing by which a backend could know its sender
  no_room,         // too many requests wait for the backend already
  unavailable,     // the backend gave no usable answer
};

// `iat` of the claims is when the backend was asked.
using TicketHookAnswer = std::variant<auth::Claims, BackendRefusal, TicketHookFault>;

class TicketHook {
 public:
  virtual ~TicketHook() = default;

  // Returns whether hooks.ticket_url is set.
  virtual bool is_set() const = 0;

  // Requires is_set(). Calls `done` once, inline or later; never if the node stops.
  virtual void ask(const TicketQuestion& question, UniqueFunction<void(TicketHookAnswer)> done) = 0;
};

}  // namespace usher::ticket
