#include "hub/grant_holding.h"

#include <utility>

#include "hub/client_info.h"

namespace usher::hub {

GrantedBy granted_by(const std::vector<SubscriptionGrant>& grants) {
  GrantedBy granted;
  for (const SubscriptionGrant& grant : grants) {
    granted.hook = granted.hook || grant.by == SubscriptionGrant::By::hook;
    granted.token = granted.token || grant.by == SubscriptionGrant::By::token;
  }
  return granted;
}

GrantedBy granted_by(const Subscription& subscription) {
  return subscription.grants == nullptr ? GrantedBy{} : subscription.grants->granted();
}

std::vector<SubscriptionGrant> grants_for(const Subscription& subscription, const Holders& by) {
  if (subscription.grants == nullptr) return {};
  std::vector<SubscriptionGrant> grants = subscription.grants->all();
  std::erase_if(grants, [&](const SubscriptionGrant& grant) {
    return grant.by == SubscriptionGrant::By::backend ? !by.backend
                                                      : !by.client && !by.wish && !by.token;
  });
  return grants;
}

void show_change(Broker& broker, const Subscriber& subscriber, const Subscription& subscription,
                 const ClientInfo& before) {
  const LocalChannel& channel = *subscription.channel;
  ClientInfo now = info_of(subscriber, &subscription);
  if (now == before || !channel.options->presence || !subscription.live) return;
  broker.add_presence(channel.name, std::move(now), [](Result<void, Error>) {});
}

Result<GrantAnswer, Error> GrantHolding::answer_of(
    const std::vector<SubscriptionGrant>& grants) const {
  GrantAnswer told;
  for (const SubscriptionGrant& grant : grants) {
    Result<GrantAnswer, Error> answer = table_.answer_of(grant);
    if (!answer) return answer;
    told = std::move(*answer);
  }
  return told;
}

void GrantHolding::hold(Subscriber& subscriber, Subscription& subscription,
                        const std::vector<SubscriptionGrant>& grants) {
  if (grants.empty()) return;
  const ClientInfo before = info_of(subscriber, &subscription);
  if (subscription.grants == nullptr) {
    subscription.grants = std::make_unique<HeldGrants>(table_, subscriber, *subscription.channel);
  }
  for (const SubscriptionGrant& grant : grants) subscription.grants->add(grant);
  show_change(broker_, subscriber, subscription, before);
}

}  // namespace usher::hub
