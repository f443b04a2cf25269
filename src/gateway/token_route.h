// POST /auth/token: a token for somebody who has not logged in, or a guest's token made new.
//
// Without an Authorization header a new guest session begins; with a guest's token, good or
// recently expired, that session goes on. Only tokens that we minted ourselves are renewed, and
// only while all revocations are known.
//
// Threads: one per shard. Borrows: Services, and the shard's JsonReader during a call.
// Limits: limits.tokens_per_address.
#pragma once

#include <optional>
#include <string_view>

#include "gateway/answer.h"
#include "gateway/services.h"
#include "gateway/token_check.h"
#include "wire/json.h"

namespace usher::gateway {

class TokenRoute {
 public:
  TokenRoute(Services& services, wire::JsonReader& json) : services_(services), json_(json) {}

  // Path, method, Origin and size have been checked.
  void post(const RequestContext& context, Answer answer);

 private:
  std::optional<Refusal> check(const RequestContext& context) const;
  void renew(const RequestContext& context, std::string_view token, Answer answer);
  void go_on(const CheckedToken& claims, std::string_view body, Answer answer);

  Services& services_;
  wire::JsonReader& json_;
};

}  // namespace usher::gateway
