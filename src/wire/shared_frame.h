// One WebSocket text frame, encoded once and handed to every subscriber of a channel.
//
// The bytes (frame header and payload) never change after make_text_frame(), so any number of
// connections on any number of shards may point at them.
//
// Threads: the reference count is atomic; the bytes are immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace usher::wire {

using SharedFrame = std::shared_ptr<const std::string>;

// How a frame may leave that need not leave at once, or not at all.
struct Gathering {
  Duration
      write_delay{};  // it may wait so long for other frames of its connection; zero: not at all
  // While a frame with the same number waits on the connection, this one takes its place. 0: it
  // takes none.
  std::uint32_t latest_of = 0;
};

// Returns a final, unmasked text frame (RFC 6455 section 5.2) around `payload`, which must be valid
// UTF-8. Defined in ws_frame.cc.
SharedFrame make_text_frame(std::string_view payload);

}  // namespace usher::wire
