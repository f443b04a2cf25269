// The subscribe operations that are under way. Each has the channels of one join() or subscribe(),
// until the outcome of the last one is known.
//
// Operations end with their subscriber.
//
// Threads: its shard's. Borrows: the subscribers, the listener.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/unique_function.h"
#include "hub/client_id.h"
#include "hub/error.h"
#include "hub/pending_subscription.h"
#include "hub/subscribed.h"
#include "hub/subscriber.h"

namespace usher::hub {

struct SubscribeOperation {
  using Key = std::pair<ClientId, std::uint64_t>;
  using Done = UniqueFunction<void(Joined)>;

  // Adds a channel, and returns its place in the outcomes.
  std::size_t add(std::string_view channel);
  void refuse(std::size_t outcome, const SubscribeError& error);

  // Returns how many bytes the recoveries of this operation may still take: they must fit both the
  // operation's limit and the room in the subscriber's outbox.
  std::size_t recovery_bytes_left() const;
  // A recovery has taken its part.
  void take_recovery_bytes(std::size_t bytes);

  Key key;
  Subscriber* subscriber = nullptr;
  Joined outcomes;
  std::vector<std::uint64_t> pending;  // serials of its subscriptions
  std::size_t waiting = 1;             // outcomes missing; one is the caller's of open()
  std::size_t recovery_bytes = 0;      // left of the operation's limit
  bool joins = false;                  // a join(): the first operation of a connection's life
  Done done;
};

class SubscribeOperations {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    // The last outcome is known. The operation is no longer in the table.
    virtual void on_settled(SubscribeOperation operation) = 0;
  };

  explicit SubscribeOperations(std::size_t recovery_bytes_max) : bytes_max_(recovery_bytes_max) {}

  void set_bytes_max(std::size_t recovery_bytes_max) { bytes_max_ = recovery_bytes_max; }

  // Once, before anything else.
  void attach(Listener& listener) { listener_ = &listener; }

  // Valid until the operation is settled or forgotten. The caller must settle() it once.
  SubscribeOperation& open(Subscriber& subscriber, SubscribeOperation::Done done);

  // Returns null if the operation is settled, or its subscriber has left.
  SubscribeOperation* find(SubscribeOperation::Key key);
  // Returns the operation that waits for this subscription, or null.
  SubscribeOperation* of(const PendingSubscription& entry);
  // Returns the operation of the client's join(), or null when that is settled.
  SubscribeOperation* join_of(ClientId client);

  // One more outcome is known. Requires: the operation is in the table.
  void settle(SubscribeOperation::Key key);

  // The client leaves: its operations are destroyed, their handlers uncalled.
  void forget(ClientId client);

  std::size_t size() const { return operations_.size(); }

 private:
  std::size_t bytes_max_;
  Listener* listener_ = nullptr;
  std::map<SubscribeOperation::Key, SubscribeOperation> operations_;
  std::uint64_t last_ = 0;
};

}  // namespace usher::hub
