// A subscriber as other clients see it, in presence and in its publications.
#pragma once

#include <string>

#include "hub/publication.h"
#include "hub/subscriber.h"

namespace usher::hub {

inline ClientInfo info_of(const Subscriber& subscriber) {
  const Identity identity = subscriber.identity();
  return {.client = subscriber.client().text(),
          .user = std::string(identity.user),
          .conn_info = std::string(identity.conn_info),
          .chan_info = {}};
}

}  // namespace usher::hub
