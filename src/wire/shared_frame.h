// One WebSocket text frame, encoded once and handed to every subscriber of a channel.
//
// The bytes (frame header and payload) never change after make_text_frame(), so any number of
// connections on any number of shards may point at them.
//
// Threads: the reference count is atomic; the bytes are immutable.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace usher::wire {

using SharedFrame = std::shared_ptr<const std::string>;

// Returns a final, unmasked text frame (RFC 6455 section 5.2) around `payload`, which must be valid
// UTF-8. Defined in ws_frame.cc.
SharedFrame make_text_frame(std::string_view payload);

}  // namespace usher::wire
