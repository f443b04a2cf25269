// POST /auth/backchannel-logout and POST /auth/security-events: an identity provider ends sessions
// (OpenID Connect Back-Channel Logout 1.0; RFC 8935 with events of CAEP and RISC).
//
// The message is signed by an issuer whose tokens are accepted, and that is all the proof there is:
// no key, no cookie. Messages that fail cost their address: beyond a rate it is refused before a
// signature is looked at. Good messages are not limited.
//
// 200 or 202 says that the sessions are over on every gateway. 400 says that the message is not
// good, and will not be. 503 says that it could not be carried out everywhere: the provider should
// send it again.
//
// Threads: one per shard. Borrows: Dependencies.
// Limits: the body (Router), kTokenBytesMax, kFormFieldsMax.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/revoking.h"
#include "auth/issuer_table.h"
#include "auth/provider_message.h"
#include "base/result.h"
#include "http/answer.h"
#include "http/dependencies.h"
#include "issuer/token_check.h"

namespace usher::gateway {

class LogoutRoute {
 public:
  enum class Kind : std::uint8_t { backchannel_logout, security_event };

  LogoutRoute(api::RevokingOptions options, http::RouteDependencies& dependencies)
      : dependencies_(dependencies), revoking_(options, dependencies) {}

  void set_options(api::RevokingOptions options) { revoking_.set_options(options); }

  // Returns whether an issuer may end sessions here. If not, the paths do not exist.
  bool is_on() const;

  // Path, method, Origin and size have been checked.
  void post(Kind kind, const edge::RequestContext& context, http::Answer answer);

 private:
  struct Request;
  using Shared = std::shared_ptr<Request>;
  // A message of a good signature.
  using Read = Result<auth::ProviderMessage, auth::MessageFault>;

  void verify(std::string_view token, const Shared& request);
  Read read(const Request& request, const auth::VerifiedPayload& payload) const;
  void carry_out(auth::ProviderMessage message, const Shared& request);
  void revoke_next(const Shared& request);
  void finish(const Shared& request);
  static void acknowledge(Request& request);
  void charge(const Request& request);
  void refuse(Request& request, std::string_view code, std::string_view reason);
  void refuse(Request& request, const issuer::TokenFault& fault);
  void put_off(Request& request, std::string_view reason, std::chrono::milliseconds retry_after);

  http::RouteDependencies& dependencies_;
  api::Revoking revoking_;
};

}  // namespace usher::gateway
