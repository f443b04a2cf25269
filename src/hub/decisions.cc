#include "hub/decisions.h"

#include <utility>

#include "base/check.h"

namespace usher::hub {
namespace {

// Returns whether a token can hold the channel's subscriptions: it may be shown where anyone may
// subscribe too, for its info and its end.
bool may_hold(Audience audience) {
  switch (audience) {
    case Audience::anyone:
    case Audience::users:
    case Audience::granted:
    case Audience::token:
      return true;
    case Audience::nobody:
    case Audience::owner:
    case Audience::hook:
      break;
  }
  return false;
}

}  // namespace

Decider decider_of(const ChannelRules& rules, const Identity& identity, std::string_view channel,
                   bool shows_token, GrantedBy granted) {
  const Verdict verdict = rules.may_subscribe(identity, channel);
  if (verdict == Verdict::malformed || verdict == Verdict::unknown) return Decider::none;
  if (shows_token && !granted.token) {
    const bool is_personal = personal_name(channel).kind != Personal::no;
    const NamespaceOptions* const space = rules.options(channel);
    const bool may = !is_personal && space != nullptr && may_hold(space->subscribe);
    return may ? Decider::token : Decider::refused;
  }
  return verdict == Verdict::hook_decides && !granted.hook ? Decider::hook : Decider::none;
}

Wanted wanted_by(const ChannelRules& rules, const Identity& identity, std::string_view channel,
                 const Holders& by, bool shows_token, GrantedBy granted) {
  Wanted wanted;
  if (by.client || by.wish || by.token) {
    wanted.decider = decider_of(rules, identity, channel, shows_token, granted);
  }
  if (wanted.decider == Decider::refused) return wanted;
  granted.hook = granted.hook || wanted.decider == Decider::hook;
  granted.token = granted.token || wanted.decider == Decider::token;
  wanted.by = permitted(rules, identity, channel, by, granted);
  return wanted;
}

// --- the questions ---

void Decisions::begin(PendingSubscription& entry, Shown shown) {
  USHER_INVARIANT(entry.life.take(PendingEvent::decision_needed));
  entry.shown = std::move(shown);
  ask(entry);
}

void Decisions::ask(PendingSubscription& entry) {
  SubscribeQuestion question{.channel = std::string(entry.channel->name),
                             .data = entry.shown.data,
                             .token = entry.shown.token,
                             .serial = entry.serial,
                             .attempt = ++entry.attempt};
  if (entry.subscriber->ask(std::move(question))) return;
  with_.endings.cancel(entry, Error::permission_denied);
}

void Decisions::ask_again(PendingSubscription& entry) {
  if (entry.step() == PendingStep::decision) ask(entry);
}

void Decisions::begin_live(SubscribeOperation& operation, std::size_t outcome,
                           Subscription& subscription, RecoveryWish wish, Shown shown) {
  Subscriber& subscriber = *operation.subscriber;
  SubscribeQuestion question{.channel = std::string(subscription.channel->name),
                             .data = std::move(shown.data),
                             .token = std::move(shown.token),
                             .operation = operation.key,
                             .outcome = outcome,
                             .since = std::move(wish.since),
                             .refuse_gap = wish.refuse_gap,
                             .user = std::string(subscriber.identity().user)};
  if (!subscriber.ask(std::move(question))) {
    return operation.refuse(outcome, Error::permission_denied);
  }
  ++operation.waiting;
}

// --- the decisions ---

std::optional<Decisions::Left> Decisions::decide(const SubscribeQuestion& question,
                                                 SubscribeDecision decision) {
  if (question.serial == 0) {
    decide_live(question, std::move(decision));
    return std::nullopt;
  }
  PendingSubscription* const entry = with_.channels.find_pending(question.serial);
  if (entry == nullptr || entry->step() != PendingStep::decision) return std::nullopt;
  if (entry->attempt != question.attempt) return std::nullopt;  // the former user's
  return decide_pending(*entry, std::move(decision));
}

std::optional<Decisions::Left> Decisions::decide_pending(PendingSubscription& entry,
                                                         SubscribeDecision decision) {
  if (!decision) return refuse(entry, decision.error());
  Subscriber& subscriber = *entry.subscriber;
  Subscription& there = *with_.channels.subscription(subscriber, *entry.channel);
  const std::vector<SubscriptionGrant> grants{std::move(*decision)};
  auto answer = with_.grants.answer_of(grants);
  if (!answer) return refuse(entry, answer.error());
  const Holders by = permitted(with_.rules, subscriber.identity(), entry.channel->name, there.by,
                               granted_by(grants));
  const bool for_client = by.client || by.wish || by.token;
  if (!for_client) return refuse(entry, Error::permission_denied);
  there.by = by;
  with_.grants.hold(subscriber, there, grants);
  entry.grant = std::move(*answer);
  USHER_INVARIANT(entry.life.take(PendingEvent::decided));
  with_.positions.begin(entry);
  return std::nullopt;
}

// Holders that need no decision keep the channel: the backend, whose subscription's place the client's
// has taken, and a connection token that opens it by itself.
std::optional<Decisions::Left> Decisions::refuse(PendingSubscription& entry,
                                                 const SubscribeError& error) {
  Subscription& there = *with_.channels.subscription(*entry.subscriber, *entry.channel);
  std::optional<Left> left;
  Holders rest{.token = there.by.token, .backend = there.by.backend};
  rest = permitted(with_.rules, entry.subscriber->identity(), entry.channel->name, rest);
  if (rest.any()) {
    left = Left{.client = entry.subscriber->client(),
                .channel = std::string(entry.channel->name),
                .by = rest,
                .grants = grants_for(there, {.backend = rest.backend})};
  }
  with_.endings.cancel(entry, error);
  return left;
}

void Decisions::decide_live(const SubscribeQuestion& question, SubscribeDecision decision) {
  SubscribeOperation* const operation = with_.operations.find(question.operation);
  if (operation == nullptr) return;
  Subscriber& subscriber = *operation->subscriber;
  Subscription* const there = with_.channels.subscription(subscriber, question.channel);
  const auto refuse = [&](const SubscribeError& error) {
    operation->refuse(question.outcome, error);
    with_.operations.settle(question.operation);
  };
  if (!decision) return refuse(decision.error());
  if (there == nullptr || !there->live) return refuse(kUnsubscribed);
  if (there->by.client) return refuse(Error::already_subscribed);
  // The token may be the former user's. To ask for another is the client's part.
  if (subscriber.identity().user != question.user) return refuse(Error::internal);
  const std::vector<SubscriptionGrant> grants{std::move(*decision)};
  auto answer = with_.grants.answer_of(grants);
  if (!answer) return refuse(answer.error());
  there->by.client = true;
  with_.grants.hold(subscriber, *there, grants);
  with_.positions.answer_live(*operation, question.outcome, *there,
                              {.since = question.since, .refuse_gap = question.refuse_gap},
                              std::move(*answer));
  with_.operations.settle(question.operation);
}

}  // namespace usher::hub
