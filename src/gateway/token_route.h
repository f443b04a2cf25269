// POST /auth/token: a token for a new guest, or the renewal of a guest's token.
//
// Without an Authorization header a new guest session begins; with a guest's token, good or
// recently expired, that session goes on. Only tokens that we minted ourselves are renewed, and
// only while all revocations are known.
//
// Threads: one per shard. Borrows: Dependencies, and the shard's JsonReader during a call.
// Limits: limits.tokens_per_address.
#pragma once

#include <optional>
#include <string_view>

#include "http/answer.h"
#include "http/dependencies.h"
#include "issuer/token_check.h"
#include "wire/json.h"

namespace usher::gateway {

class TokenRoute {
 public:
  TokenRoute(http::RouteDependencies& dependencies, wire::JsonReader& json)
      : dependencies_(dependencies), json_(json) {}

  // Path, method, Origin and size have been checked.
  void post(const edge::RequestContext& context, http::Answer answer);

 private:
  std::optional<http::Refusal> check(const edge::RequestContext& context) const;
  // As they are now; null while guests are off.
  using Guests = std::shared_ptr<const auth::GuestTokens>;
  Guests guests() const;

  void renew(const edge::RequestContext& context, const Guests& guests, std::string_view token,
             http::Answer answer);
  void go_on(const issuer::CheckedToken& claims, const Guests& guests, std::string_view body,
             http::Answer answer);

  http::RouteDependencies& dependencies_;
  wire::JsonReader& json_;
};

}  // namespace usher::gateway
