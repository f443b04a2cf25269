#include "net/body_room.h"

namespace usher::net {
namespace {

// Returns whether `used` may become `used - from + to`. A smaller value is always allowed.
bool fits(std::uint64_t max, std::uint64_t used, std::uint64_t from, std::uint64_t to) {
  return max == 0 || to <= from || used - from + to <= max;
}

}  // namespace

void BodyRoom::set_options(BodyRoomOptions options) {
  const std::lock_guard lock(mutex_);
  options_ = options;
}

bool BodyRoom::resize(Caller caller, const std::string& address, std::uint64_t from,
                      std::uint64_t to) {
  const std::lock_guard lock(mutex_);
  Room& room = rooms_[static_cast<std::size_t>(caller)];
  if (!fits(options_.bytes_max, room.bytes, from, to)) return false;
  if (!address.empty()) {  // counted without a limit too: one may be set
    const auto found = room.by_address.find(address);
    const std::uint64_t used = found == room.by_address.end() ? 0 : found->second;
    if (!fits(options_.bytes_per_address_max, used, from, to)) return false;
    if (used - from + to > 0) {
      room.by_address[address] = used - from + to;
    } else if (found != room.by_address.end()) {
      room.by_address.erase(found);
    }
  }
  room.bytes = room.bytes - from + to;
  return true;
}

std::uint64_t BodyRoom::bytes(Caller caller) const {
  const std::lock_guard lock(mutex_);
  return rooms_[static_cast<std::size_t>(caller)].bytes;
}

}  // namespace usher::net
