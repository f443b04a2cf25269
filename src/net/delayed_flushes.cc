#include "net/delayed_flushes.h"

namespace usher::net {
namespace {

constexpr std::uint8_t bit_of(std::size_t window) {
  return static_cast<std::uint8_t>(1u << window);
}

}  // namespace

bool DelayedFlushes::add(AcceptedSocket& socket, Mark& mark, Duration delay, TimePoint now) {
  std::size_t index = kWindowsMax;
  for (std::size_t i = 0; i < kWindowsMax; ++i) {
    const Window& window = windows_[i];
    if (window.sockets.empty()) {
      if (index == kWindowsMax) index = i;
    } else if (window.delay == delay) {
      index = i;
      break;
    }
  }
  if (index == kWindowsMax) return false;
  Window& window = windows_[index];
  if ((mark.windows_ & bit_of(index)) != 0) return true;
  if (window.sockets.empty()) {
    window.delay = delay;
    window.ends = now + delay;
    ++open_;
  }
  mark.windows_ |= bit_of(index);
  window.sockets.push_back({&socket, &mark});
  return true;
}

bool DelayedFlushes::has_ended(const Window& window, TimePoint now) {
  return !window.sockets.empty() && window.ends <= now;
}

void DelayedFlushes::take_out(Mark& mark, std::size_t window) {
  mark.windows_ &= static_cast<std::uint8_t>(~bit_of(window));
}

void DelayedFlushes::close(Window& window) {
  window.sockets.clear();
  --open_;
}

std::optional<TimePoint> DelayedFlushes::next() const {
  std::optional<TimePoint> earliest;
  if (open_ == 0) return earliest;
  for (const Window& window : windows_) {
    if (!window.sockets.empty() && (!earliest || window.ends < *earliest)) earliest = window.ends;
  }
  return earliest;
}

}  // namespace usher::net
