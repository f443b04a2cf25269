#include "api/api_request.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "api/api_sessions.h"
#include "api/channel_name.h"
#include "api/publication_fields.h"
#include "api/subscribe_fields.h"
#include "auth/claim_selection.h"
#include "auth/jwt_verifier.h"
#include "auth/origin.h"
#include "base/check.h"
#include "http/json_fields.h"
#include "hub/channel_rules.h"
#include "wire/close_code.h"
#include "wire/protocol_command.h"

namespace usher::api {
namespace {

using Outcome = Result<ApiCall, ApiError>;

constexpr std::size_t kCloseReasonBytesMax = 123;  // RFC 6455 section 5.5: 125 less the code
constexpr std::size_t kSparedClientsMax = 1000;

// Every member of a call is done or refused.
Outcome finish(http::JsonFields& fields, ApiCall call) {
  fields.refuse_unread();
  if (!fields.fault().empty())
    return ApiError{hub::Error::bad_request, std::string(fields.fault())};
  return call;
}

// The member `channel`. A malformed name is reported before any other fault.
std::string read_channel(http::JsonFields& fields, const ApiLimits& limits) {
  std::string channel = fields.required_text("channel");
  if (channel.empty()) return channel;
  if (const auto error = check_channel_name(limits.channel_rules, channel)) {
    fields.set_fault(error->detail);
  }
  return channel;
}

// A call that is too large and wrong besides is wrong.
Outcome finish_sized(http::JsonFields& fields, const hub::PublishRequest& publication,
                     const ApiLimits& limits, ApiCall call) {
  const std::size_t bytes = publication.data.size();
  fields.refuse_unread();  // first: it may have come under another name
  if (bytes == 0) fields.set_fault("'data' is missing");
  auto outcome = finish(fields, std::move(call));
  if (!outcome || bytes <= limits.message_bytes_max) {
    return outcome;
  }
  return ApiError{hub::Error::limit_exceeded, "'data' is larger than limits.message_bytes"};
}

Outcome read_publish(http::JsonFields fields, const ApiLimits& limits) {
  hub::PublishRequest publication = read_publication(fields, limits);
  publication.channel = read_channel(fields, limits);
  return finish_sized(fields, publication, limits, publication);
}

Outcome read_broadcast(http::JsonFields fields, const ApiLimits& limits) {
  BroadcastCall call;
  call.publication = read_publication(fields, limits);
  call.channels = fields.texts_or_empty("channels", limits.broadcast_channels_max);
  if (call.channels.empty()) fields.set_fault("'channels' is missing or empty");
  return finish_sized(fields, call.publication, limits, call);
}

// An empty target would match no connection; a backend that forgot the user's id must be told.
hub::Target read_target(http::JsonFields& fields) {
  hub::Target target{.session = fields.text("session"),
                     .user = fields.text("user"),
                     .client = fields.text("client"),
                     .jti = {},
                     .spared_clients = {}};
  return target;
}

void require_target(http::JsonFields& fields, const hub::Target& target) {
  if (target.session.empty() && target.user.empty() && target.client.empty() &&
      target.jti.empty()) {
    fields.set_fault("one of 'user', 'session' and 'client' is needed");
  }
}

Outcome read_subscribe(http::JsonFields fields, const ApiLimits& limits) {
  hub::SubscribeOrder order;
  order.target = read_target(fields);
  require_target(fields, order.target);
  order.channel = read_channel(fields, limits);
  order.grant = read_grant(fields, limits);
  check_override(fields, limits.channel_rules == nullptr
                             ? nullptr
                             : limits.channel_rules->options(order.channel));
  if (const auto node = fields.object("recover_since")) {
    http::JsonFields since(node, kApiTextBytesMax);
    order.recover_since = hub::Position{.offset = since.unsigned_integer("offset").value_or(0),
                                        .epoch = since.text("epoch")};
    since.refuse_unread("recover_since");
    fields.set_fault(since.fault());
  }
  return finish(fields, std::move(order));
}

Outcome read_unsubscribe(http::JsonFields fields, const ApiLimits& limits) {
  hub::UnsubscribeOrder order;
  order.target = read_target(fields);
  require_target(fields, order.target);
  order.channel = read_channel(fields, limits);
  return finish(fields, std::move(order));
}

// gocent 3 writes `Disconnect`, and `ClientWhitelist` for `whitelist`.
wire::JsonNode read_close(http::JsonFields& fields) {
  const auto node = fields.object("disconnect");
  return node ? node : fields.object("Disconnect");
}

Outcome read_disconnect(http::JsonFields fields) {
  hub::DisconnectOrder order;
  order.target = read_target(fields);
  order.target.jti = fields.text("jti");
  order.target.spared_clients = fields.texts("whitelist", kSparedClientsMax);
  if (order.target.spared_clients.empty()) {
    order.target.spared_clients = fields.texts("ClientWhitelist", kSparedClientsMax);
  }
  require_target(fields, order.target);
  if (const auto node = read_close(fields)) {
    http::JsonFields own(node, kCloseReasonBytesMax);
    const auto code = own.unsigned_integer("code").value_or(order.code);
    if (code > 4999 || !wire::may_be_sent(static_cast<std::uint16_t>(code))) {
      own.set_fault("the close code is not one that may be sent");
    }
    order.code = static_cast<std::uint16_t>(code);
    order.reason = own.text("reason");
    own.refuse_unread("disconnect");
    fields.set_fault(own.fault());
  }
  return finish(fields, std::move(order));
}

Outcome read_refresh(http::JsonFields fields) {
  hub::RefreshOrder order;
  order.target = read_target(fields);
  require_target(fields, order.target);
  order.expired = fields.flag("expired");
  order.expire_at = fields.integer("expire_at");
  if (order.expire_at == 0) order.expire_at.reset();  // Centrifugo's "never"
  return finish(fields, std::move(order));
}

Outcome read_history(http::JsonFields fields, const ApiLimits& limits) {
  HistoryCall call;
  call.channel = read_channel(fields, limits);
  const auto limit = fields.integer("limit").value_or(0);  // 0: the position alone
  call.query.limit = limit < 0 ? hub::kNoLimit : static_cast<std::size_t>(limit);
  call.query.reverse = fields.flag("reverse");
  if (const auto node = fields.object("since")) {
    http::JsonFields since(node, kApiTextBytesMax);
    call.query.since = hub::Position{.offset = since.unsigned_integer("offset").value_or(0),
                                     .epoch = since.text("epoch")};
    since.refuse_unread("since");
    fields.set_fault(since.fault());
  }
  return finish(fields, std::move(call));
}

Outcome read_bind(http::JsonFields fields, const ApiLimits& limits) {
  BindCall call;
  call.channel = read_channel(fields, limits);
  call.owner = {.session = fields.text("session"), .user = fields.text("user")};
  if (call.owner.session.empty() == call.owner.user.empty()) {
    fields.set_fault("exactly one of 'session' and 'user' is needed");
  }
  call.ttl = fields.ttl("ttl").value_or(kDefaultBindTtl);
  return finish(fields, std::move(call));
}

Outcome read_revoke(http::JsonFields fields) {
  const std::string issuer = fields.text("issuer");
  std::string sid = fields.text("sid");
  if (sid.empty() != issuer.empty()) {
    fields.set_fault(
        "'sid' and 'issuer' need each other: the session at the OpenID provider, and "
        "the provider's iss");
  }
  if (!sid.empty()) sid = auth::session_at(issuer, sid);
  const std::pair<auth::RevokedBy, std::string> named[] = {
      {auth::RevokedBy::session, fields.text("session")},
      {auth::RevokedBy::user, fields.text("user")},
      {auth::RevokedBy::jti, fields.text("jti")},
      {auth::RevokedBy::sid, sid}};
  RevokeCall call{.by = auth::RevokedBy::session, .name = {}};
  for (const auto& [by, name] : named) {
    if (name.empty()) continue;
    if (!call.name.empty())
      fields.set_fault("only one of 'session', 'user', 'jti' and 'sid' may be given");
    call.by = by;
    call.name = name;
  }
  if (call.name.empty()) fields.set_fault("one of 'session', 'user', 'jti' and 'sid' is needed");
  if (const auto ttl = fields.ttl("ttl")) call.ttl = std::chrono::ceil<std::chrono::seconds>(*ttl);
  return finish(fields, std::move(call));
}

// A ticket's grant may hold only what a token's claims may hold.
bool is_claim(std::string_view text) {
  return text.size() <= auth::kClaimBytesMax && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
         });
}

// The member `claims`: as if they stood in a token, but for what no ticket would carry.
std::string read_claims(http::JsonFields& fields, const ApiLimits& limits) {
  const wire::JsonNode object = fields.object("claims");
  for (const wire::JsonNode& claim : object) {
    if (std::ranges::find(limits.claims, claim.name()) == limits.claims.end()) {
      fields.set_fault(
          "'claims' has a name that the configuration lists neither in ticket.claims "
          "nor for an upstream");
    }
  }
  std::string claims = auth::select_claims(object, limits.claims);
  if (claims.size() > limits.claims_bytes_max) {
    fields.set_fault("'claims' is longer than ticket.claims_bytes");
  }
  return claims;
}

Outcome read_ticket(http::JsonFields fields, const ApiLimits& limits) {
  TicketCall call;
  ticket::Grant& grant = call.grant;
  grant.session = fields.required_text("session");
  grant.user = fields.text("user");
  grant.jti = fields.text("jti");
  grant.channels = fields.texts("channels", limits.channels_per_token);
  grant.token_exp = fields.integer("expire_at").value_or(0);
  bool good = is_claim(grant.session) && is_claim(grant.user) && is_claim(grant.jti);
  for (const std::string& channel : grant.channels) good = good && is_claim(channel);
  if (!good) fields.set_fault("a name is longer than 255 bytes or holds control characters");

  if (std::string origin = fields.text("origin"); !origin.empty()) {
    if (origin != "null" && !auth::parse_origin(origin)) fields.set_fault("'origin' is none");
    grant.origin = std::move(origin);
  }
  grant.info = fields.raw("info", limits.info_bytes_max);
  if (grant.info == "null") grant.info.clear();
  grant.claims = read_claims(fields, limits);
  if (const auto subs = fields.object("subs")) {
    grant.subs = fields.raw("subs", ticket::kSubsBytesMax);
    if (!wire::read_subs(subs, limits.channels_per_connection)) {
      fields.set_fault("'subs' is malformed or has too many entries");
    }
  }
  return finish(fields, std::move(call));
}

// `origin` must be there: a backend that forgets it would open tickets for every page.
Outcome read_redeem(http::JsonFields fields) {
  RedeemCall call{.ticket = fields.required_text("ticket"), .origin = {}};
  const std::string origin = fields.raw("origin", std::numeric_limits<std::size_t>::max());
  if (origin.empty()) {
    fields.set_fault(
        "'origin' is missing: give the Origin field of the client's request, or null if it had "
        "none");
  } else if (origin != "null") {
    call.origin = fields.text("origin");
  }
  return finish(fields, std::move(call));
}

Outcome read_channels(http::JsonFields fields) {
  ChannelsCall call;
  if (const std::string text = fields.text("pattern"); !text.empty()) {
    if (text.size() > ChannelPattern::kBytesMax) {
      fields.set_fault("'pattern' is longer than " + std::to_string(ChannelPattern::kBytesMax) +
                       " bytes");
    } else if (call.pattern = ChannelPattern::parse(text); !call.pattern) {
      fields.set_fault(
          "'pattern' is none: '*', '?', '[a-z]', '[abc]' or '{one,other}' that ends, and at most " +
          std::to_string(ChannelPattern::kDepthMax) + " braces in each other");
    }
  }
  return finish(fields, std::move(call));
}

Outcome read_info(http::JsonFields fields) { return finish(fields, InfoCall{}); }

template <class Call>
Outcome read_channel_only(http::JsonFields fields, const ApiLimits& limits) {
  Call call{.channel = read_channel(fields, limits)};
  return finish(fields, std::move(call));
}

}  // namespace

Result<ApiCall, ApiError> read_api_call(ApiMethod method, wire::JsonNode body,
                                        const ApiLimits& limits) {
  const http::JsonFields fields(body, kApiTextBytesMax);
  if (!fields.fault().empty())
    return ApiError{hub::Error::bad_request, std::string(fields.fault())};
  switch (method) {
    case ApiMethod::publish:
      return read_publish(fields, limits);
    case ApiMethod::broadcast:
      return read_broadcast(fields, limits);
    case ApiMethod::subscribe:
      return read_subscribe(fields, limits);
    case ApiMethod::unsubscribe:
      return read_unsubscribe(fields, limits);
    case ApiMethod::disconnect:
      return read_disconnect(fields);
    case ApiMethod::refresh:
      return read_refresh(fields);
    case ApiMethod::presence:
      return read_channel_only<PresenceCall>(fields, limits);
    case ApiMethod::presence_stats:
      return read_channel_only<PresenceStatsCall>(fields, limits);
    case ApiMethod::history:
      return read_history(fields, limits);
    case ApiMethod::history_remove:
      return read_channel_only<HistoryRemoveCall>(fields, limits);
    case ApiMethod::channels:
      return read_channels(fields);
    case ApiMethod::info:
      return read_info(fields);
    case ApiMethod::bind:
      return read_bind(fields, limits);
    case ApiMethod::revoke:
      return read_revoke(fields);
    case ApiMethod::ticket:
      return read_ticket(fields, limits);
    case ApiMethod::redeem:
      return read_redeem(fields);
    case ApiMethod::sessions: {
      auto query = read_sessions(fields);
      if (!query) return query.error();
      return ApiCall(*std::move(query));
    }
    case ApiMethod::batch:
    case ApiMethod::count_:
      break;
  }
  USHER_CHECK(false);
}

}  // namespace usher::api
