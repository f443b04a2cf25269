#include "gateway/logout_route.h"

#include <algorithm>
#include <utility>

#include "auth/jwt_verifier.h"
#include "auth/logout_token.h"
#include "auth/security_event.h"
#include "auth/seen_messages.h"
#include "base/ascii.h"
#include "base/check.h"
#include "http/refusal_rate.h"
#include "http/route_checks.h"
#include "limits/address_key.h"
#include "limits/rate_limiter.h"
#include "wire/form.h"
#include "wire/json_writer.h"

namespace usher::gateway {
namespace {

using Kind = LogoutRoute::Kind;
using metrics::LogoutOutcome;

constexpr std::size_t kFormFieldsMax = 16;
constexpr std::string_view kForm = "application/x-www-form-urlencoded";
constexpr std::string_view kSecurityEvent = "application/secevent+jwt";

std::string_view via(Kind kind) {
  return kind == Kind::backchannel_logout ? "backchannel-logout" : "security-events";
}

auth::TokenKind token_kind(Kind kind) {
  return kind == Kind::backchannel_logout ? auth::TokenKind::logout
                                          : auth::TokenKind::security_event;
}

bool has_media_type(const wire::HttpRequest& request, std::string_view wanted) {
  std::string_view type = request.find("content-type").value_or("");
  type = type.substr(0, type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.remove_suffix(1);
  return equal_ignoring_case(type, wanted);
}

// RFC 8935 section 2.4.
std::string_view set_error_code(auth::MessageFault fault) {
  switch (fault) {
    case auth::MessageFault::wrong_audience:
      return "invalid_audience";
    case auth::MessageFault::not_enabled:
      return "access_denied";
    case auth::MessageFault::not_json:
    case auth::MessageFault::claim_malformed:
    case auth::MessageFault::wrong_type:
    case auth::MessageFault::no_iat:
    case auth::MessageFault::issued_in_future:
    case auth::MessageFault::no_expiry:
    case auth::MessageFault::expired:
    case auth::MessageFault::no_jti:
    case auth::MessageFault::no_subject:
    case auth::MessageFault::no_event:
    case auth::MessageFault::has_nonce:
    case auth::MessageFault::subject_unknown:
    case auth::MessageFault::foreign_subject:
      return "invalid_request";
  }
  USHER_CHECK(false);
}

std::string_view set_error_code(auth::TokenError error) {
  if (error == auth::TokenError::wrong_issuer) return "invalid_issuer";
  const bool is_key = error == auth::TokenError::algorithm ||
                      error == auth::TokenError::unknown_key ||
                      error == auth::TokenError::signature;
  return is_key ? "invalid_key" : "invalid_request";
}

LogoutOutcome outcome_of(auth::RevokedBy by) {
  return by == auth::RevokedBy::user ? LogoutOutcome::user : LogoutOutcome::session;
}

std::string_view reason_of(api::RevokeFault fault) {
  switch (fault) {
    case api::RevokeFault::nothing_revoked:
    case api::RevokeFault::here_alone:
      return "too many revocations are in force";
    case api::RevokeFault::others_later:
      return "the other gateways can't be told now";
    case api::RevokeFault::order_failed:
      return "not every gateway has confirmed it in time";
  }
  USHER_CHECK(false);
}

}  // namespace

// One request, until it is answered.
struct LogoutRoute::Request {
  Kind kind;
  std::string charged_address;  // limits::address_key(); "": none
  http::Answer answer;
  auth::ProviderMessage message{};
  std::size_t next = 0;  // of message.named
  std::uint64_t connections = 0;
};

bool LogoutRoute::is_on() const { return dependencies_.jwt.get()->issuers().may_log_out(); }

void LogoutRoute::post(Kind kind, const edge::RequestContext& context, http::Answer answer) {
  const std::string_view charged = http::charged_address(context);
  std::string address = charged.empty() ? std::string() : limits::address_key(charged);
  auto* const failures = dependencies_.logout_failures_per_address;
  if (failures != nullptr && !address.empty()) {
    if (const auto over = failures->peek(address, context.now); !over) {
      return answer.refuse({.problem = http::Problem::rate_limited,
                            .retry_after = http::to_retry_after(over.retry_after)});
    }
  }
  const auto request = std::make_shared<Request>(
      Request{.kind = kind, .charged_address = std::move(address), .answer = std::move(answer)});
  const wire::HttpRequest& asked = context.request;
  if (kind == Kind::security_event) {
    if (!has_media_type(asked, kSecurityEvent)) {
      return refuse(*request, "invalid_request", "Content-Type is not application/secevent+jwt");
    }
    return verify(asked.body, request);
  }
  if (!has_media_type(asked, kForm)) {
    return refuse(*request, "invalid_request",
                  "Content-Type is not application/x-www-form-urlencoded");
  }
  const auto fields = wire::read_form(asked.body, kFormFieldsMax);
  const auto token = fields ? wire::only_field(*fields, "logout_token") : std::nullopt;
  if (!token) {
    return refuse(*request, "invalid_request", "the form does not have exactly one logout_token");
  }
  verify(*token, request);
}

LogoutRoute::Read LogoutRoute::read(const Request& request,
                                    const auth::VerifiedPayload& payload) const {
  const WallTime now = dependencies_.wall_clock.now();
  return request.kind == Kind::backchannel_logout
             ? auth::read_logout_token(payload.json, payload.typ, payload.options, now)
             : auth::read_security_event(payload.json, payload.typ, payload.options, now);
}

void LogoutRoute::verify(std::string_view token, const Shared& request) {
  issuer::check_token(
      dependencies_.newer_keys, token,
      [this, request](std::string_view shown) -> Result<Read, auth::TokenError> {
        const auto verifier = dependencies_.jwt.get();  // the payload borrows its options
        const auto payload = verifier->issuers().verify_issued(shown, token_kind(request->kind));
        if (!payload) return payload.error();
        return read(*request, *payload);
      },
      [this, request](auto checked) {
        if (!checked) return refuse(*request, checked.error());
        Read& read = *checked;
        if (!read) {
          const auth::MessageFault fault = read.error();
          return refuse(*request, set_error_code(fault), auth::reason_of(fault));
        }
        carry_out(*std::move(read), request);
      });
}

// A message that comes twice: of a logout token the second is not good. A security event is
// acknowledged again, because the first acknowledgement may not have arrived (RFC 8935 section 2).
void LogoutRoute::carry_out(auth::ProviderMessage message, const Shared& request) {
  const std::int64_t now = unix_seconds(dependencies_.wall_clock.now());
  request->message = std::move(message);
  const auth::ProviderMessage& kept = request->message;
  const auto seen = dependencies_.seen_messages.add(kept.id, kept.until, now);
  if (seen == auth::SeenMessages::Seen::under_way) {
    return put_off(*request, "the same message is being carried out", http::kRetryStoreUnavailable);
  }
  if (seen == auth::SeenMessages::Seen::done) {
    if (request->kind == Kind::backchannel_logout) {
      return refuse(*request, "invalid_request", "a logout token with this jti was carried out");
    }
    dependencies_.metrics.logouts[LogoutOutcome::ignored].add();
    return acknowledge(*request);
  }
  for (const std::string& type : kept.ignored) {
    dependencies_.log.info("[Logout] Event of an unknown type ignored",
                           {{"via", via(request->kind)}, {"event", type}});
  }
  if (kept.named.empty()) dependencies_.metrics.logouts[LogoutOutcome::ignored].add();
  revoke_next(request);
}

void LogoutRoute::revoke_next(const Shared& request) {
  const auth::ProviderMessage& message = request->message;
  if (request->next == message.named.size()) return finish(request);
  const auth::NamedByProvider& named = message.named[request->next++];
  // The last moment of that second, as everywhere.
  const WallTime revoked_at(std::chrono::seconds(named.revoked_at) +
                            std::chrono::milliseconds(999));
  revoking_.revoke(
      {.by = named.by, .name = named.name, .ttl = {}, .revoked_at = revoked_at},
      [this, request, &named](const Result<hub::OrderAnswer, api::RevokeFault>& answer) {
        auto fault = answer ? std::optional<api::RevokeFault>() : answer.error();
        if (answer && answer->elsewhere != hub::Elsewhere::done) {
          fault = api::RevokeFault::order_failed;
        }
        if (fault) {
          dependencies_.seen_messages.forget(request->message.id);
          return put_off(*request, reason_of(*fault), http::kRetryStoreUnavailable);
        }
        const bool is_user = named.by == auth::RevokedBy::user;
        dependencies_.metrics.logouts[outcome_of(named.by)].add();
        write_line(dependencies_.log, LogLevel::info, "[Logout] Revoked by the identity provider",
                   {{"via", via(request->kind)}, {"connections", answer->connections}},
                   {dependencies_.identities,
                    {},
                    is_user ? std::string_view() : named.name,
                    is_user ? std::string_view(named.name) : std::string_view()});
        revoke_next(request);
      });
}

void LogoutRoute::finish(const Shared& request) {
  dependencies_.seen_messages.done(request->message.id);
  acknowledge(*request);
}

void LogoutRoute::acknowledge(Request& request) {
  wire::HttpResponse response;
  response.status = request.kind == Kind::backchannel_logout ? 200 : 202;
  request.answer.send(std::move(response));
}

void LogoutRoute::charge(const Request& request) {
  auto* const failures = dependencies_.logout_failures_per_address;
  if (failures == nullptr || request.charged_address.empty()) return;
  failures->take(request.charged_address, dependencies_.clock.now());
}

// The body as each of the two documents has it: RFC 6749 section 5.2, RFC 8935 section 2.3.
void LogoutRoute::refuse(Request& request, std::string_view code, std::string_view reason) {
  charge(request);
  dependencies_.metrics.logouts[LogoutOutcome::refused].add();
  dependencies_.reject_log.warn("[Logout] Refused", {{"via", via(request.kind)},
                                                     {"code", code},
                                                     {"reason", reason},
                                                     {"address", request.answer.peer_address()},
                                                     {"traceId", request.answer.trace_id()}});
  const bool is_logout = request.kind == Kind::backchannel_logout;
  std::string body;
  wire::JsonObjectWriter object(body);
  object.string(is_logout ? "error" : "err", is_logout ? "invalid_request" : code);
  object.string(is_logout ? "error_description" : "description", reason);
  object.end();
  request.answer.json(std::move(body), 400);
}

void LogoutRoute::refuse(Request& request, const issuer::TokenFault& fault) {
  if (fault.unknown_for) {
    charge(request);  // it may be forged
    return put_off(request, "a newer key of the issuer may verify it, and can't be fetched now",
                   http::to_retry_after(*fault.unknown_for));
  }
  refuse(request, set_error_code(fault.error), auth::reason_of(fault.error));
}

void LogoutRoute::put_off(Request& request, std::string_view reason,
                          std::chrono::milliseconds retry_after) {
  dependencies_.metrics.logouts[LogoutOutcome::unavailable].add();
  request.answer.refuse({.problem = http::Problem::store_unavailable,
                         .detail = "The logout is not known to be carried out on every gateway. "
                                   "Send it again.",
                         .retry_after = retry_after,
                         .log_reason = reason});
}

}  // namespace usher::gateway
