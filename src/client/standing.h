// What attempts have in common: the failures in a row, the secrets that must not be shown, whether
// the next token must be a fresh one. A client has one of its own; the attempts of a TicketDesk
// share one.
//
// Threads: none of its own; belongs to its ClientSession or TicketDesk.
#pragma once

#include <memory>

#include "client/reconnect_policy.h"
#include "client/secrets.h"

namespace usher::client {

struct Standing {
  std::unique_ptr<ReconnectPolicy> policy;
  Secrets secrets{};
  bool fresh = false;     // the last token was refused: the next one must not come from storage
  bool has_token = true;  // false: the ticket call proves by itself who the client is (cookies)
};

// `Policy` is a ReconnectPolicy, made of `random`.
template <class Policy>
std::shared_ptr<Standing> make_standing(bool has_token, Random random) {
  return std::make_shared<Standing>(
      Standing{.policy = std::make_unique<Policy>(std::move(random)), .has_token = has_token});
}

}  // namespace usher::client
