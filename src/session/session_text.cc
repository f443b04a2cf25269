#include "session/session_text.h"

#include <algorithm>
#include <chrono>

#include "hub/protocol_text.h"
#include "wire/protocol_reply.h"

namespace usher::session {
namespace {

// SDKs take every entry of a connect reply for a subscription that they have, so failed ones are
// left out for them.
std::string successful_subs(const hub::Joined& joined) {
  std::string subs;
  for (const hub::JoinedChannel& channel : joined) {
    if (channel.outcome) hub::append_connect_sub(subs, channel);
  }
  return subs;
}

std::uint32_t whole_seconds(Duration interval) {
  return static_cast<std::uint32_t>(
      std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(interval).count(), 1));
}

}  // namespace

std::string connect_text(const SessionOptions& options, const HeldCredential& held,
                         const ConnectFacts& facts, const hub::Joined& joined, TimePoint now) {
  const bool is_sdk = facts.endpoint == edge::Endpoint::sdk;
  const std::string subs = is_sdk ? successful_subs(joined) : hub::connect_subs(joined);
  wire::ConnectResult result;
  result.client = facts.client;
  result.session = held.session();
  result.version = options.version;
  result.node = options.node;
  result.reconnect_spread_ms = static_cast<std::uint32_t>(options.reconnect_spread.count());
  result.subs = subs;
  result.expires = held.end().has_value();
  result.ttl_s = held.ttl_seconds(now);
  if (facts.protocol_pings) {
    result.ping_s = whole_seconds(options.ping_interval);
    result.pong = true;
  }
  std::string text;
  if (is_sdk) {
    wire::append_connect_reply(text, facts.command_id, result);
  } else {
    wire::append_connect_push(text, result);
  }
  return text;
}

std::string refresh_reply(const SessionOptions& options, const HeldCredential& held,
                          std::uint32_t id, std::string_view client, TimePoint now) {
  std::string text;
  wire::append_refresh_reply(text, id,
                             {.client = client,
                              .version = options.version,
                              .expires = held.end().has_value(),
                              .ttl_s = held.ttl_seconds(now)});
  return text;
}

std::string refresh_push(const HeldCredential& held, TimePoint now) {
  std::string text;
  wire::append_refresh_push(text, held.end().has_value(), held.ttl_seconds(now));
  return text;
}

}  // namespace usher::session
