// The connections of this shard: by client id, by session, by user.
//
// Personal channels are this index and nothing more. Each table holds one pointer for each key, to
// the first subscriber; the others of the same session or user follow it by links inside the
// subscribers. No string is copied.
//
// Threads: its shard's. Borrows: the subscribers.
#pragma once

#include <string_view>

#include "base/entropy.h"
#include "base/sip_hash.h"
#include "hub/pointer_table.h"
#include "hub/subscriber.h"

namespace usher::hub {

class SubscriberIndex {
 public:
  explicit SubscriberIndex(Entropy& entropy);

  // By client id and session, and by user unless that is empty.
  void add(Subscriber& subscriber);
  void remove(Subscriber& subscriber);

  // The caller must call these before and after a change of the subscriber's user. Meanwhile it is
  // still found by client and session.
  void remove_user(Subscriber& subscriber);
  void add_user(Subscriber& subscriber);

  Subscriber* find(ClientId client) const { return clients_.find(client); }

  // Returns the first, or null. next_…() returns the others, in no particular order.
  Subscriber* of_session(std::string_view session) const { return sessions_.find(session); }
  Subscriber* of_user(std::string_view user) const { return users_.find(user); }
  static Subscriber* next_of_session(Subscriber& s) { return hub_side(s).by_session.next; }
  static Subscriber* next_of_user(Subscriber& s) { return hub_side(s).by_user.next; }

  std::size_t size() const { return clients_.size(); }

  // `visit` must not change the index.
  template <class Visit>
  void for_each(Visit&& visit) const {
    clients_.for_each(visit);
  }

 private:
  struct ByClient {
    using Key = ClientId;
    Key key(const Subscriber& subscriber) const { return subscriber.client(); }
    std::size_t hash(Key client) const { return client.value; }
  };
  struct BySession {
    using Key = std::string_view;
    SipKey sip;
    Key key(const Subscriber& subscriber) const { return subscriber.identity().session; }
    std::size_t hash(Key session) const { return sip_hash(sip, session); }
  };
  struct ByUser {
    using Key = std::string_view;
    SipKey sip;
    Key key(const Subscriber& subscriber) const { return subscriber.identity().user; }
    std::size_t hash(Key user) const { return sip_hash(sip, user); }
  };

  PointerTable<Subscriber, ByClient> clients_;
  PointerTable<Subscriber, BySession> sessions_;
  PointerTable<Subscriber, ByUser> users_;
};

}  // namespace usher::hub
