// A subscriber as other clients see it, in presence, joins, leaves and its publications.
#pragma once

#include <string>

#include "hub/local_channels.h"
#include "hub/publication.h"
#include "hub/subscriber.h"

namespace usher::hub {

// `subscription`: the one to the channel in question; null: it has none.
inline ClientInfo info_of(const Subscriber& subscriber, const Subscription* subscription) {
  const Identity identity = subscriber.identity();
  return {.client = subscriber.client().text(),
          .user = std::string(identity.user),
          .conn_info = std::string(identity.conn_info),
          .chan_info = subscription != nullptr && subscription->grants != nullptr
                           ? subscription->grants->info()
                           : std::string()};
}

}  // namespace usher::hub
