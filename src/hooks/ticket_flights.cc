#include "hooks/ticket_flights.h"

#include <utility>

#include "base/check.h"

namespace usher::hooks {
namespace {

// Each part with its length, so that no two lists of parts give the same text.
void append_part(std::string& text, std::string_view part) {
  text.append(std::to_string(part.size())).append(":").append(part);
}

std::size_t bytes_of(const ticket::TicketHookAnswer& answer) {
  constexpr std::size_t kEntry = 512;  // the table's and the answer's own
  if (const auto* refusal = std::get_if<ticket::BackendRefusal>(&answer)) {
    return kEntry + refusal->code.size() + refusal->message.size();
  }
  const auto* claims = std::get_if<auth::Claims>(&answer);
  if (claims == nullptr) return kEntry;
  std::size_t bytes = kEntry + claims->session.size() + claims->user.size() + claims->info.size() +
                      claims->claims.size();
  for (const std::string& channel : claims->channels) bytes += sizeof channel + channel.size();
  return bytes;
}

}  // namespace

TicketFlights::Key TicketFlights::key_of(
    std::span<const std::pair<std::string, std::string>> fields, std::string_view body) const {
  std::string text(reinterpret_cast<const char*>(secret_.data()), secret_.size());
  for (const auto& [name, value] : fields) {
    append_part(text, name);
    append_part(text, value);
  }
  append_part(text, body);
  return sha256(text);
}

TicketFlights::Joined TicketFlights::join(const Key& key, TimePoint now, Waiter waiter) {
  const std::lock_guard lock(mutex_);
  forget_lapsed(now);
  const auto [place, is_new] = flights_.try_emplace(key);
  Flight& flight = place->second;
  if (is_new) flight.began = now;
  if (flight.answer) return {Role::known, flight.answer};
  if (flight.waiters.size() >= kWaitersMax) return {Role::full};
  flight.waiters.push_back(std::move(waiter));
  return {is_new ? Role::starts : Role::waits};
}

void TicketFlights::land(const Key& key, Answer answer, bool keep, TimePoint now) {
  std::vector<Waiter> waiters;
  {
    const std::lock_guard lock(mutex_);
    forget_lapsed(now);
    const auto place = flights_.find(key);
    USHER_CHECK(place != flights_.end() && !place->second.answer);
    Flight& flight = place->second;
    waiters.swap(flight.waiters);
    const TimePoint until = flight.began + kKnownFor;
    const std::size_t bytes = bytes_of(*answer);
    if (keep && now < until && kept_bytes_ + bytes <= kKeptBytesMax) {
      flight.answer = answer;
      kept_bytes_ += bytes;
      known_.emplace(until, key);
    } else {
      flights_.erase(place);
    }
  }
  for (Waiter& waiter : waiters) waiter(answer);
}

void TicketFlights::forget_lapsed(TimePoint now) {
  while (!known_.empty() && known_.begin()->first <= now) {
    const auto place = flights_.find(known_.begin()->second);
    USHER_CHECK(place != flights_.end() && place->second.answer);
    kept_bytes_ -= bytes_of(*place->second.answer);
    flights_.erase(place);
    known_.erase(known_.begin());
  }
}

std::size_t TicketFlights::size() const {
  const std::lock_guard lock(mutex_);
  return flights_.size();
}

}  // namespace usher::hooks
