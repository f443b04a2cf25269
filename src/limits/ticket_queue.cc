#include "limits/ticket_queue.h"

#include <algorithm>

#include "base/check.h"

namespace usher::limits {
namespace {

// What callers without a place may take at once: an eighth of a second's worth.
constexpr std::uint32_t kNewcomersPart = 8;

// Clients come up to a second late, so at a low rate a whole second's owners may come together; at
// a high one they even out.
constexpr std::uint32_t kOwnersTogether = 32;

std::uint32_t newcomers_depth(std::uint32_t per_second) {
  return std::max<std::uint32_t>(1, per_second / kNewcomersPart);
}

std::uint32_t owners_depth(std::uint32_t per_second) {
  const std::uint32_t newcomers = newcomers_depth(per_second);
  return newcomers + std::max(newcomers, std::min(per_second, kOwnersTogether));
}

}  // namespace

TicketQueue::TicketQueue(TicketQueueOptions options, Entropy& entropy)
    : options_(options), key_(SipKey::random(entropy)) {
  USHER_CHECK(options.places_max > 0);
  set_per_second(options.per_second);
}

void TicketQueue::set_per_second(std::uint32_t per_second) {
  const std::lock_guard lock(mutex_);
  unlimited_ = per_second == 0;
  if (per_second == 0) {
    places_.clear();
    lapses_.clear();
    tail_ = TimePoint::min();
    return;
  }
  turn_ = (std::chrono::seconds(1) + Duration(per_second - 1)) / per_second;
  for_newcomers_ = {newcomers_depth(per_second), turn_ * newcomers_depth(per_second)};
  for_owners_ = {owners_depth(per_second), turn_ * owners_depth(per_second)};
}

Turn TicketQueue::ask(std::string_view session, TimePoint now) {
  if (unlimited_) return {};
  const std::uint64_t hashed = sip_hash(key_, session);
  const std::lock_guard lock(mutex_);
  if (unlimited_) return {};
  forget_lapsed(now);
  const auto owner = places_.find(hashed);
  return owner == places_.end() ? ask_newcomer(hashed, now) : ask_owner(owner, now);
}

std::size_t TicketQueue::places() const {
  const std::lock_guard lock(mutex_);
  return places_.size();
}

Turn TicketQueue::ask_newcomer(std::uint64_t session, TimePoint now) {
  if (bucket_.take(for_newcomers_, now)) return {};
  if (places_.size() >= options_.places_max) return {Turn::Kind::full, options_.wait_max};
  const auto from = next_free(now);
  if (!from) return {Turn::Kind::full, options_.wait_max};
  keep(places_.emplace(session, Place{*from, {}, {}}).first, *from);
  return {Turn::Kind::place, *from - now};
}

Turn TicketQueue::ask_owner(Places::iterator owner, TimePoint now) {
  Place& place = owner->second;
  if (now < place.from) {
    if (!place.next) {
      place.next = next_free(now);
      if (place.next) keep(owner, *place.next);
    }
    return {Turn::Kind::place, place.from - now};
  }
  if (const auto admission = bucket_.take(for_owners_, now); !admission) {
    if (place.kept_until - now < options_.kept_for / 2) keep(owner, now + admission.retry_after);
    return {Turn::Kind::place, admission.retry_after};
  }
  if (place.next) {
    place.from = *place.next;
    place.next.reset();
  } else {
    places_.erase(owner);
  }
  return {};
}

std::optional<TimePoint> TicketQueue::next_free(TimePoint now) {
  const TimePoint from = std::max(tail_, now + turn_);
  if (from - now > options_.wait_max) return std::nullopt;
  tail_ = from + turn_;
  return from;
}

void TicketQueue::keep(Places::iterator owner, TimePoint until) {
  owner->second.kept_until = until + options_.kept_for;
  lapses_.push_back({owner->second.kept_until, owner->first});
}

// More than one call can add: so the table shrinks while it is used.
void TicketQueue::forget_lapsed(TimePoint now) {
  for (int i = 0; i < 4 && !lapses_.empty() && lapses_.front().at <= now; ++i) {
    const Lapse lapse = lapses_.front();
    lapses_.pop_front();
    const auto owner = places_.find(lapse.session);
    if (owner != places_.end() && owner->second.kept_until <= now) places_.erase(owner);
  }
}

}  // namespace usher::limits
