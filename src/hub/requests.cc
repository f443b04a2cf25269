#include "hub/requests.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "hub/client_info.h"
#include "hub/grant_holding.h"
#include "hub/recovery.h"

namespace usher::hub {
namespace {

// Keeps the first publications that fit, and always one.
void keep_what_fits(HistoryPage& page, std::size_t bytes_max) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < page.publications.size(); ++i) {
    bytes += size_in_bytes(*page.publications[i]);
    if (i == 0 || bytes <= bytes_max) continue;
    page.publications.resize(i);
    page.more = true;
  }
}

}  // namespace

// An answer that comes after its subscriber has left is dropped.
template <class T>
Handler<T> Requests::while_joined(const Subscriber& subscriber, Handler<T> done) {
  return [&index = with_.index, client = subscriber.client(),
          done = std::move(done)](Result<T, Error> answer) mutable {
    if (index.find(client) != nullptr) done(std::move(answer));
  };
}

bool Requests::is_subscribed(Subscriber& subscriber, std::string_view channel) const {
  if (with_.personal.is_indexed(personal_name(channel), channel)) {
    return with_.rules.may_subscribe(subscriber.identity(), channel) == Verdict::allowed;
  }
  const Subscription* const there = with_.channels.subscription(subscriber, channel);
  return there != nullptr && there->live;
}

// --- publish ---

// Takes one token from the subscriber's bucket for the namespace. Returns false if it is empty.
bool Requests::take_from_rate(Subscriber& subscriber, const NamespaceOptions& space) {
  if (space.publish_rate.unlimited()) return true;
  auto& state = hub_side(subscriber).state;
  if (state == nullptr) state = std::make_unique<SubscriberState>();
  auto& allowances = state->allowances;
  auto found = std::find_if(allowances.begin(), allowances.end(),
                            [&](const PublishAllowance& a) { return a.space == &space; });
  if (found == allowances.end()) found = allowances.insert(found, {.space = &space, .bucket = {}});
  return static_cast<bool>(found->bucket.take(space.publish_rate, with_.clock.now()));
}

// A grant may let a subscriber publish where the rules do not.
Verdict Requests::may_publish_now(Subscriber& subscriber, std::string_view channel) const {
  const Verdict rights = with_.rules.may_publish(subscriber.identity(), channel);
  if (rights != Verdict::denied) return rights;
  const Subscription* const there = with_.channels.subscription(subscriber, channel);
  const bool granted =
      there != nullptr && there->live && there->grants != nullptr && there->grants->may_publish();
  return granted ? Verdict::allowed : rights;
}

// Returns the refusal that needs no question for the owner, or nothing. A publication that is not
// refused has been counted.
std::optional<Error> Requests::refusal_to_publish(Subscriber& subscriber,
                                                  std::string_view channel) {
  const Verdict rights = may_publish_now(subscriber, channel);
  if (const auto error = error_of(rights)) return error;
  const bool within_rate = take_from_rate(subscriber, *with_.rules.options(channel));
  return within_rate ? std::nullopt : std::optional(Error::too_many_requests);
}

// Calls `done` with an error unless the channel's rules let the client publish, or it is the
// channel's owner.
void Requests::check_publisher(Subscriber& subscriber, std::string_view channel,
                               Handler<void> done) {
  const Verdict rights = may_publish_now(subscriber, channel);
  if (const auto error = error_of(rights)) return done(*error);
  if (rights == Verdict::allowed) return done({});
  with_.broker.owner(channel, [this, client = subscriber.client(), done = std::move(done)](
                                  Result<std::optional<Owner>, Error> owner) mutable {
    if (!owner) return done(owner.error());
    const Subscriber* const publisher = with_.index.find(client);
    if (publisher == nullptr) return;
    const Identity identity = publisher->identity();
    const bool mine = owner->has_value() && (*owner)->is(identity.session, identity.user);
    if (!mine) return done(Error::permission_denied);
    done({});
  });
}

void Requests::publish(Subscriber& subscriber, std::string_view channel, std::string_view data,
                       Handler<Position> done) {
  if (const auto error = refusal_to_publish(subscriber, channel)) return done(*error);
  publish_counted(subscriber, channel, data, std::move(done));
}

void Requests::may_publish(Subscriber& subscriber, std::string_view channel, Handler<void> done) {
  if (const auto error = refusal_to_publish(subscriber, channel)) return done(*error);
  check_publisher(subscriber, channel, while_joined<void>(subscriber, std::move(done)));
}

void Requests::publish_counted(Subscriber& subscriber, std::string_view channel,
                               std::string_view data, Handler<Position> done) {
  PublishRequest request{.channel = std::string(channel), .data = std::string(data)};
  request.info = info_of(subscriber, with_.channels.subscription(subscriber, channel));
  const Identity identity = subscriber.identity();
  request.publisher =
      identity.user.empty() ? session_channel(identity.session) : user_channel(identity.user);
  auto answer = while_joined<Position>(subscriber, std::move(done));
  check_publisher(subscriber, channel,
                  [&broker = with_.broker, request = std::move(request),
                   answer = std::move(answer)](Result<void, Error> allowed) mutable {
                    if (!allowed) return answer(allowed.error());
                    broker.publish(std::move(request), std::move(answer));
                  });
}

// --- history and presence ---

// The order is Centrifugo's: does the channel exist, does it keep that, may this client see it.
std::optional<Error> Requests::refusal_to_look(Subscriber& subscriber, std::string_view channel,
                                               Kept kept) const {
  const Verdict rights = with_.rules.may_subscribe(subscriber.identity(), channel);
  if (rights == Verdict::malformed || rights == Verdict::unknown) return error_of(rights);
  const NamespaceOptions* const options = with_.rules.options(channel);
  if (options == nullptr) return Error::bad_request;  // a personal channel without an id: `user:`
  const bool is_kept = kept == Kept::history ? options->has_history() : options->presence;
  if (!is_kept) return Error::not_available;
  const Subscription* const there = with_.channels.subscription(subscriber, channel);
  const bool by_token =
      rights == Verdict::token_decides && there != nullptr && granted_by(*there).token;
  const bool is_subscriber = (!error_of(rights) || by_token) && is_subscribed(subscriber, channel);
  const Onlookers allowed =
      kept == Kept::history ? options->allow_history_for : options->allow_presence_for;
  const bool may_look =
      with_.rules.may_look(subscriber.identity(), channel, allowed, is_subscriber);
  return may_look ? std::nullopt : std::optional(Error::permission_denied);
}

void Requests::history(Subscriber& subscriber, std::string_view channel, HistoryQuery query,
                       Handler<HistoryPage> done) {
  const auto error = refusal_to_look(subscriber, channel, Kept::history);
  if (error) return done(*error);
  query.limit = std::min(query.limit, with_.options.history_page_max);
  // How much fits is known when the answer comes: other answers may have come before it.
  auto answer = [bytes_max = with_.options.recovery_bytes_max, &subscriber,
                 done = std::move(done)](Result<HistoryPage, Error> page) mutable {
    if (page && page->gap == wire::RecoveryGap::epoch_changed) {
      return done(Error::unrecoverable_position);
    }
    if (page) keep_what_fits(*page, std::min(bytes_max, subscriber.room_bytes()));
    done(std::move(page));
  };
  with_.broker.history(channel, std::move(query),
                       while_joined<HistoryPage>(subscriber, std::move(answer)));
}

void Requests::presence(Subscriber& subscriber, std::string_view channel,
                        Handler<std::vector<ClientInfo>> done) {
  const auto error = refusal_to_look(subscriber, channel, Kept::presence);
  if (error) return done(*error);
  with_.broker.presence(channel,
                        while_joined<std::vector<ClientInfo>>(subscriber, std::move(done)));
}

void Requests::presence_stats(Subscriber& subscriber, std::string_view channel,
                              Handler<PresenceStats> done) {
  const auto error = refusal_to_look(subscriber, channel, Kept::presence);
  if (error) return done(*error);
  with_.broker.presence_stats(channel, while_joined<PresenceStats>(subscriber, std::move(done)));
}

}  // namespace usher::hub
