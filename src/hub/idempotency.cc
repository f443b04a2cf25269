#include "hub/idempotency.h"

#include <string>

#include "base/check.h"

namespace usher::hub {

Idempotency::Idempotency(std::size_t keys_max, Duration ttl, Entropy& entropy)
    : keys_max_(keys_max),
      ttl_(ttl),
      sip_high_(SipKey::random(entropy)),
      sip_low_(SipKey::random(entropy)) {}

Idempotency::Key Idempotency::key_of(std::string_view channel,
                                     std::string_view idempotency_key) const {
  std::string text(channel);
  text.push_back('\0');  // in no channel's alphabet
  text.append(idempotency_key);
  return {sip_hash(sip_high_, text), sip_hash(sip_low_, text)};
}

const Position* Idempotency::find(const Key& key, TimePoint now) {
  tick(now);
  const auto found = positions_.find(key);
  return found == positions_.end() ? nullptr : &found->second;
}

bool Idempotency::full(TimePoint now) {
  tick(now);
  return positions_.size() >= keys_max_;
}

void Idempotency::remember(const Key& key, Position position, TimePoint now) {
  USHER_CHECK(positions_.emplace(key, std::move(position)).second);
  expiry_.emplace_back(now + ttl_, key);
}

void Idempotency::tick(TimePoint now) {
  while (!expiry_.empty() && expiry_.front().first <= now) {
    positions_.erase(expiry_.front().second);
    expiry_.pop_front();
  }
}

}  // namespace usher::hub
