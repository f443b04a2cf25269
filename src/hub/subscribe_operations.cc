#include "hub/subscribe_operations.h"

#include <algorithm>
#include <string>

#include "base/check.h"

namespace usher::hub {

std::size_t SubscribeOperation::add(std::string_view channel) {
  outcomes.push_back({std::string(channel), Subscribed{}});
  return outcomes.size() - 1;
}

void SubscribeOperation::refuse(std::size_t outcome, const SubscribeError& error) {
  // Assigned as a constant: g++ 12 suspects a moved one of being read uninitialized.
  const SubscribeOutcome refused(error);
  outcomes[outcome].outcome = refused;
}

std::size_t SubscribeOperation::recovery_bytes_left() const {
  return std::min(recovery_bytes, subscriber->room_bytes());
}

void SubscribeOperation::take_recovery_bytes(std::size_t bytes) {
  recovery_bytes -= std::min(recovery_bytes, bytes);
}

SubscribeOperation& SubscribeOperations::open(Subscriber& subscriber,
                                              SubscribeOperation::Done done) {
  const SubscribeOperation::Key key{subscriber.client(), ++last_};
  SubscribeOperation& operation = operations_[key];
  operation.key = key;
  operation.subscriber = &subscriber;
  operation.recovery_bytes = bytes_max_;
  operation.done = std::move(done);
  return operation;
}

SubscribeOperation* SubscribeOperations::find(SubscribeOperation::Key key) {
  const auto found = operations_.find(key);
  return found == operations_.end() ? nullptr : &found->second;
}

SubscribeOperation* SubscribeOperations::of(const PendingSubscription& entry) {
  return find({entry.subscriber->client(), entry.operation});
}

SubscribeOperation* SubscribeOperations::join_of(ClientId client) {
  const auto first = operations_.lower_bound({client, 0});
  if (first == operations_.end() || first->first.first != client) return nullptr;
  return first->second.joins ? &first->second : nullptr;
}

void SubscribeOperations::settle(SubscribeOperation::Key key) {
  const auto found = operations_.find(key);
  USHER_INVARIANT(found != operations_.end());
  if (--found->second.waiting > 0) return;
  SubscribeOperation operation = std::move(found->second);
  operations_.erase(found);
  listener_->on_settled(std::move(operation));
}

void SubscribeOperations::forget(ClientId client) {
  const auto first = operations_.lower_bound({client, 0});
  auto last = first;
  while (last != operations_.end() && last->first.first == client) ++last;
  operations_.erase(first, last);
}

}  // namespace usher::hub
