#include "issuer/key_refresh.h"

#include "base/check.h"

namespace usher::issuer {

KeyRefresh::Advice KeyRefresh::on_unknown_key(TimePoint now) {
  if (state_ == State::fetching) return Advice::wait;
  if (!may_begin(now)) return Advice::too_soon;
  begin(now);
  return Advice::begin;
}

std::optional<TimePoint> KeyRefresh::wake_at() const {
  if (state_ == State::fetching || (!wanted_ && had_keys_)) return std::nullopt;
  return begun_at_ ? *begun_at_ + interval_ : TimePoint::min();
}

Duration KeyRefresh::until_next(TimePoint now) const {
  return may_begin(now) ? Duration::zero() : *begun_at_ + interval_ - now;
}

bool KeyRefresh::begin_if_due(TimePoint now) {
  const auto at = wake_at();
  if (!at || now < *at) return false;
  begin(now);
  return true;
}

void KeyRefresh::begin(TimePoint now) {
  state_ = State::fetching;
  begun_at_ = now;
  wanted_ = false;
}

void KeyRefresh::ended(bool got_keys) {
  USHER_CHECK(state_ == State::fetching);
  state_ = State::idle;
  had_keys_ = had_keys_ || got_keys;
}

}  // namespace usher::issuer
