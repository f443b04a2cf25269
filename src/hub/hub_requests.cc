// What a client asks of a channel besides being subscribed to it.
#include <algorithm>
#include <chrono>
#include <utility>

#include "hub/hub_parts.h"
#include "hub/recovery.h"

namespace usher::hub {
namespace {

// An answer that comes after its subscriber has left is dropped.
template <class T>
Handler<T> while_here(HubState& state, const Subscriber& subscriber, Handler<T> done) {
  return [&state, client = subscriber.client(),
          done = std::move(done)](Result<T, Error> answer) mutable {
    if (state.index.find(client) != nullptr) done(std::move(answer));
  };
}

// Nothing: it may.
std::optional<Error> refusal(Verdict verdict) {
  switch (verdict) {
    case Verdict::allowed:
    case Verdict::owner_decides:
      return std::nullopt;
    case Verdict::denied:
      return Error::permission_denied;
    case Verdict::unknown:
      return Error::unknown_channel;
    case Verdict::malformed:
      return Error::bad_request;
  }
  return Error::internal;
}

enum class Kept : std::uint8_t { history, presence };

// In Centrifugo's order: is there such a channel, does it keep that, may this client look. Only
// subscribers see what others said or who else is there.
std::optional<Error> refusal_to_look(const Hub& hub, HubState& state, Subscriber& subscriber,
                                     std::string_view channel, Kept kept) {
  const Verdict rights = state.rules.may_subscribe(subscriber.identity(), channel);
  if (rights == Verdict::malformed || rights == Verdict::unknown) return refusal(rights);
  const NamespaceOptions* const options = state.rules.options(channel);
  if (options == nullptr) return Error::bad_request;  // nobody's personal channel: `user:`
  const bool is_kept = kept == Kept::history ? options->has_history() : options->presence;
  if (!is_kept) return Error::not_available;
  if (const auto error = refusal(rights)) return error;
  if (!hub.is_subscribed(subscriber, channel)) return Error::permission_denied;
  return std::nullopt;
}

// The first ones, and always one.
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

bool Hub::Parts::may_publish_now(Subscriber& subscriber, const NamespaceOptions& space) {
  const Rate& rate = space.publish_rate;
  if (rate.count == 0) return true;
  auto& subscriber_state = hub_side(subscriber).state;
  if (subscriber_state == nullptr) subscriber_state = std::make_unique<SubscriberState>();
  auto& allowances = subscriber_state->allowances;
  const TimePoint now = state.clock.now();
  auto found = std::find_if(allowances.begin(), allowances.end(),
                            [&](const PublishAllowance& a) { return a.space == &space; });
  if (found == allowances.end()) {
    allowances.push_back({.space = &space, .left = static_cast<double>(rate.count), .at = now});
    found = std::prev(allowances.end());
  }
  const std::chrono::duration<double> passed = now - found->at;
  const std::chrono::duration<double> per = rate.per;
  found->left = std::min<double>(rate.count, found->left + rate.count * (passed / per));
  found->at = now;
  if (found->left < 1) return false;
  found->left -= 1;
  return true;
}

// What can be said at once; what it permits has been counted.
std::optional<Error> Hub::Parts::refusal_to_publish(Subscriber& subscriber,
                                                    std::string_view channel) {
  const Verdict rights = state.rules.may_publish(subscriber.identity(), channel);
  if (const auto error = refusal(rights)) return error;
  if (!may_publish_now(subscriber, *state.rules.options(channel))) return Error::too_many_requests;
  return std::nullopt;
}

// Whether the channel's rules let it, or its owner it is.
void Hub::Parts::check_publisher(Subscriber& subscriber, std::string_view channel,
                                 Handler<void> done) {
  const Verdict rights = state.rules.may_publish(subscriber.identity(), channel);
  if (const auto error = refusal(rights)) return done(*error);
  if (rights == Verdict::allowed) return done({});
  state.broker.owner(channel, [this, client = subscriber.client(), done = std::move(done)](
                                  Result<std::optional<Owner>, Error> owner) mutable {
    if (!owner) return done(owner.error());
    const Subscriber* const publisher = state.index.find(client);
    if (publisher == nullptr) return;
    const Identity identity = publisher->identity();
    const bool mine = owner->has_value() && (*owner)->is(identity.session, identity.user);
    if (!mine) return done(Error::permission_denied);
    done({});
  });
}

void Hub::publish(Subscriber& subscriber, std::string_view channel, std::string_view data,
                  Handler<Position> done) {
  if (const auto error = parts_->refusal_to_publish(subscriber, channel)) return done(*error);
  publish_counted(subscriber, channel, data, std::move(done));
}

void Hub::may_publish(Subscriber& subscriber, std::string_view channel, Handler<void> done) {
  if (const auto error = parts_->refusal_to_publish(subscriber, channel)) return done(*error);
  HubState& state = parts_->state;
  parts_->check_publisher(subscriber, channel,
                          while_here<void>(state, subscriber, std::move(done)));
}

void Hub::publish_counted(Subscriber& subscriber, std::string_view channel, std::string_view data,
                          Handler<Position> done) {
  HubState& state = parts_->state;
  PublishRequest request{.channel = std::string(channel), .data = std::string(data)};
  request.info = HubState::info_of(subscriber);
  const Identity identity = subscriber.identity();
  request.publisher =
      identity.user.empty() ? session_channel(identity.session) : user_channel(identity.user);
  auto answer = while_here<Position>(state, subscriber, std::move(done));
  parts_->check_publisher(subscriber, channel,
                          [&state, request = std::move(request),
                           answer = std::move(answer)](Result<void, Error> allowed) mutable {
                            if (!allowed) return answer(allowed.error());
                            state.broker.publish(std::move(request), std::move(answer));
                          });
}

void Hub::history(Subscriber& subscriber, std::string_view channel, HistoryQuery query,
                  Handler<HistoryPage> done) {
  HubState& state = parts_->state;
  const auto refused = refusal_to_look(*this, state, subscriber, channel, Kept::history);
  if (refused) return done(*refused);
  query.limit = std::min(query.limit, state.options.history_page_max);
  // What fits is known when the answer comes: others may have come before it.
  auto answer = [&state, &subscriber,
                 done = std::move(done)](Result<HistoryPage, Error> page) mutable {
    if (page && page->gap == wire::RecoveryGap::epoch_changed) {
      return done(Error::unrecoverable_position);
    }
    if (page) {
      keep_what_fits(*page, std::min(state.options.recovery_bytes_max, subscriber.room_bytes()));
    }
    done(std::move(page));
  };
  state.broker.history(channel, std::move(query),
                       while_here<HistoryPage>(state, subscriber, std::move(answer)));
}

void Hub::presence(Subscriber& subscriber, std::string_view channel,
                   Handler<std::vector<ClientInfo>> done) {
  HubState& state = parts_->state;
  const auto error = refusal_to_look(*this, state, subscriber, channel, Kept::presence);
  if (error) return done(*error);
  state.broker.presence(channel,
                        while_here<std::vector<ClientInfo>>(state, subscriber, std::move(done)));
}

void Hub::presence_stats(Subscriber& subscriber, std::string_view channel,
                         Handler<PresenceStats> done) {
  HubState& state = parts_->state;
  const auto error = refusal_to_look(*this, state, subscriber, channel, Kept::presence);
  if (error) return done(*error);
  state.broker.presence_stats(channel,
                              while_here<PresenceStats>(state, subscriber, std::move(done)));
}

}  // namespace usher::hub
