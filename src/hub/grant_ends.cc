#include "hub/grant_ends.h"

#include <string>
#include <utility>

#include "base/check.h"
#include "hub/client_info.h"
#include "hub/grant_holding.h"

namespace usher::hub {
namespace {

Holders without_client(Holders by) {
  by.client = false;
  by.wish = false;
  return by;
}

}  // namespace

void GrantEnds::tick() {
  const TimePoint now = with_.grants.now();
  for (std::size_t ended = 0; ended < kEndedMax; ++ended) {
    HeldGrants* const due = with_.grants.first_due(now);
    if (due == nullptr) return;
    Subscriber& subscriber = due->subscriber();
    Subscription* const there = with_.channels.subscription(subscriber, due->channel());
    USHER_INVARIANT(there != nullptr);
    const ClientInfo before = info_of(subscriber, there);
    const HeldGrants::Ended which = due->take_ended(now);
    if (which.client) {
      Holders rest = without_client(there->by);
      if (which.backend) rest.backend = false;
      end(subscriber, *there, rest, Error::expired);
    } else if (which.backend) {
      drop_backend(subscriber, *there, before);
    }
  }
}

void GrantEnds::end_client_grant(Subscriber& subscriber, Subscription& subscription) {
  if (subscription.grants == nullptr || !subscription.grants->drop_client()) return;
  // Temporary: the client asks again, for its new user.
  end(subscriber, subscription, without_client(subscription.by), Error::internal);
}

// A client that has a right of its own to the channel keeps it.
void GrantEnds::drop_backend(Subscriber& subscriber, Subscription& subscription,
                             const ClientInfo& before) {
  subscription.by.backend = false;
  subscription.by = permitted(with_.rules, subscriber.identity(), subscription.channel->name,
                              subscription.by, granted_by(subscription));
  if (!subscription.by.any()) return end(subscriber, subscription, {}, Error::expired);
  show_change(with_.broker, subscriber, subscription, before);
}

void GrantEnds::end(Subscriber& subscriber, Subscription& subscription, Holders rest,
                    Error unanswered) {
  const LocalChannel& channel = *subscription.channel;
  Subscribing::Request again{.channel = std::string(channel.name), .by = rest};
  if (channel.options->has_history()) again.recover_since = channel.position;
  again.grants = grants_for(subscription, rest);
  with_.endings.end_and_tell(subscriber, subscription, unanswered, kGrantExpired);
  if (rest.any()) with_.subscribing.begin_push(subscriber, std::move(again));
}

}  // namespace usher::hub
