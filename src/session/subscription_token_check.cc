#include "session/subscription_token_check.h"

#include <utility>

#include "session/weak_session.h"
#include "wire/protocol_reply.h"

namespace usher::session {
namespace {

hub::SubscribeError told(wire::ProtocolError error) {
  return hub::SubscribeError(hub::GivenError{
      wire::error_code(error), std::string(wire::error_message(error)), wire::is_temporary(error)});
}

hub::SubscribeError error_of(SubscriptionTokens::Refusal refusal) {
  switch (refusal) {
    case SubscriptionTokens::Refusal::invalid:
      return hub::Error::permission_denied;
    case SubscriptionTokens::Refusal::expired:
      return told(wire::ProtocolError::token_expired);
    case SubscriptionTokens::Refusal::too_many_requests:
      return told(wire::ProtocolError::too_many_requests);
    case SubscriptionTokens::Refusal::key_unknown:
      return told(wire::ProtocolError::internal);
  }
  return hub::Error::permission_denied;
}

hub::SubscribeDecision decision_of(
    const SessionView& session, std::string_view channel,
    Result<auth::SubscriptionToken, SubscriptionTokens::Refusal> checked) {
  if (!checked) return error_of(checked.error());
  auth::SubscriptionToken& token = *checked;
  const bool is_for_this = token.channel == channel && token.user == session.identity().user &&
                           (token.client.empty() || token.client == session.client().text());
  if (!is_for_this) return hub::SubscribeError(hub::Error::permission_denied);
  return hub::SubscriptionGrant{.by = hub::SubscriptionGrant::By::token,
                                .info = std::move(token.info),
                                .data = std::move(token.data),
                                .expire_at = token.expire_at};
}

void reply_error(SessionView& session, std::uint32_t id, const hub::SubscribeError& error) {
  session.dependencies().observer.on_command_refused();
  const hub::GivenError given = error.for_client();
  std::string text;
  wire::append_error_reply(text, id, given.code, given.message, given.temporary);
  session.reply(text);
}

}  // namespace

void SubscriptionTokenCheck::check(std::string_view channel, std::string_view token, Done done) {
  SubscriptionTokens* const tokens = session_.dependencies().subscription_tokens;
  if (tokens == nullptr) {
    return done(session_, hub::SubscribeError(hub::Error::permission_denied));
  }
  tokens->check(token, session_.address_key(),
                [weak = WeakSession(session_), channel = std::string(channel),
                 done = std::move(done)](auto checked) mutable {
                  SessionView* const session = weak.lock_joined();
                  if (session == nullptr) return;
                  done(*session, decision_of(*session, channel, std::move(checked)));
                });
}

void SubscriptionTokenCheck::decide(hub::SubscribeQuestion question) {
  const std::string channel = question.channel;
  const std::string token = question.token;
  check(channel, token,
        [question = std::move(question)](SessionView& session,
                                         hub::SubscribeDecision decision) mutable {
          session.take_decision(std::move(question), std::move(decision));
        });
}

void SubscriptionTokenCheck::refresh(std::uint32_t id, std::string_view channel,
                                     std::string_view token) {
  if (const auto error = session_.hub().refusal_to_refresh(session_, channel)) {
    return reply_error(session_, id, *error);
  }
  if (token.empty()) return reply_error(session_, id, hub::Error::bad_request);
  check(
      channel, token,
      [id, channel = std::string(channel)](SessionView& session, hub::SubscribeDecision decision) {
        if (!decision) return reply_error(session, id, decision.error());
        const auto renewed = session.hub().refresh_grant(session, channel, *decision);
        if (!renewed) return reply_error(session, id, renewed.error());
        std::string text;
        wire::append_sub_refresh_reply(text, id, renewed->expires, renewed->ttl_s);
        session.reply(text);
      });
}

}  // namespace usher::session
