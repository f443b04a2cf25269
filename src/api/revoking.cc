#include "api/revoking.h"

#include <algorithm>
#include <utility>

#include "api/revoker.h"
#include "hub/broker.h"

namespace usher::api {

void Revoking::close(hub::DisconnectOrder order, Done done) {
  dependencies_.broker.order(
      std::move(order),
      [done = std::move(done)](Result<hub::OrderAnswer, hub::Error> answer) mutable {
        if (!answer) return done(RevokeFault::order_failed);
        done(*std::move(answer));
      });
}

void Revoking::revoke(RevocationOrder order, Done done) {
  const WallTime now = dependencies_.wall_clock.now();
  const WallTime revoked_at = std::min(order.revoked_at, now);
  const WallTime until =
      now + (order.ttl.count() > 0 ? order.ttl : options_.revocation_ttl) + options_.leeway;
  auth::Revocations& revocations = dependencies_.revocations;
  if (!revocations.revoke(order.by, order.name, revoked_at, until, now)) {
    return done(RevokeFault::nothing_revoked);
  }
  auto close_order =
      disconnect_revoked(order.by, order.name, revocations.issued_until(revoked_at, now));
  if (dependencies_.revoker == nullptr) return close(std::move(close_order), std::move(done));
  dependencies_.broker.order_here(close_order);
  dependencies_.revoker->revoke(order.by, order.name, revoked_at, until, now,
                                [this, close_order = std::move(close_order),
                                 done = std::move(done)](RevokedElsewhere told) mutable {
                                  switch (told) {
                                    case RevokedElsewhere::yes:
                                      return close(std::move(close_order), std::move(done));
                                    case RevokedElsewhere::full:
                                      return close(std::move(close_order),
                                                   [done = std::move(done)](const auto&) mutable {
                                                     done(RevokeFault::here_alone);
                                                   });
                                    case RevokedElsewhere::later:
                                      return done(RevokeFault::others_later);
                                  }
                                });
}

}  // namespace usher::api
