#include "hub/owner_waits.h"

namespace usher::hub {

OwnerWaits::Room OwnerWaits::room_for(std::string_view session) const {
  const std::size_t held = shares_.of(session);
  if (held >= per_session_max_) return {};
  if (shares_.size() < max_) return {.granted = true};
  const auto displaced = shares_.newest_of_most(held + 1);
  return {.granted = displaced.has_value(), .displaced = displaced};
}

void OwnerWaits::add(std::string_view session, std::uint64_t serial, TimePoint until) {
  by_end_.emplace(until, serial);
  shares_.add(session, serial);
}

void OwnerWaits::remove(std::string_view session, std::uint64_t serial, TimePoint until) {
  by_end_.erase({until, serial});
  shares_.remove(session, serial);
}

std::optional<std::uint64_t> OwnerWaits::first_due(TimePoint now) const {
  if (by_end_.empty() || by_end_.begin()->first > now) return std::nullopt;
  return by_end_.begin()->second;
}

}  // namespace usher::hub
