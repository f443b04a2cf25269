#include "hub/subscriber_index.h"

namespace usher::hub {
namespace {

using Links = HubSide::Links;

// Links it in behind the first one, to which the table still points.
template <class Table>
void link(Table& table, const typename Table::Key& key, Subscriber& subscriber,
          Links HubSide::*links) {
  Subscriber* const first = table.find(key);
  if (first == nullptr) return table.insert(subscriber);
  Links& mine = hub_side(subscriber).*links;
  Links& firsts = hub_side(*first).*links;
  mine = {.next = firsts.next, .previous = first};
  if (firsts.next != nullptr) (hub_side(*firsts.next).*links).previous = &subscriber;
  firsts.next = &subscriber;
}

template <class Table>
void unlink(Table& table, Subscriber& subscriber, Links HubSide::*links) {
  Links& mine = hub_side(subscriber).*links;
  if (mine.next != nullptr) (hub_side(*mine.next).*links).previous = mine.previous;
  if (mine.previous != nullptr) {
    (hub_side(*mine.previous).*links).next = mine.next;
  } else if (mine.next != nullptr) {
    table.replace(subscriber, *mine.next);
  } else {
    table.erase(subscriber);
  }
  mine = {};
}

}  // namespace

SubscriberIndex::SubscriberIndex(Entropy& entropy)
    : sessions_(BySession{SipKey::random(entropy)}), users_(ByUser{SipKey::random(entropy)}) {}

void SubscriberIndex::add(Subscriber& subscriber) {
  clients_.insert(subscriber);
  link(sessions_, subscriber.identity().session, subscriber, &HubSide::by_session);
  add_user(subscriber);
}

void SubscriberIndex::remove(Subscriber& subscriber) {
  remove_user(subscriber);
  unlink(sessions_, subscriber, &HubSide::by_session);
  clients_.erase(subscriber);
}

void SubscriberIndex::add_user(Subscriber& subscriber) {
  const std::string_view user = subscriber.identity().user;
  if (!user.empty()) link(users_, user, subscriber, &HubSide::by_user);
}

void SubscriberIndex::remove_user(Subscriber& subscriber) {
  if (!subscriber.identity().user.empty()) unlink(users_, subscriber, &HubSide::by_user);
}

}  // namespace usher::hub
