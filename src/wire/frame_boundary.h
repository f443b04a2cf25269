// Follows the frames of one direction of a WebSocket that is passed through unread, so that a frame
// of ours can be put between two of theirs (RFC 6455 section 5.2).
//
// It judges nothing: reserved bits and unknown opcodes belong to an extension that the two ends have
// agreed on. Only close frames are read, for the log. The bytes are not changed.
//
// Threads: none of its own; belongs to one direction of one connection.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "wire/ws_frame.h"

namespace usher::wire {

// What a close frame says, as the peer has sent it.
struct SeenClose {
  std::uint16_t code;  // no_status if the frame had no code
  std::string reason;  // at most kCloseReasonBytesMax bytes
};

class FrameBoundary {
 public:
  // Follows `bytes`. Returns how many were followed: all of them.
  std::size_t follow(std::span<const char> bytes) { return advance(bytes, false); }

  // Follows `bytes` up to the end of the frame that is under way, and no further. Returns how many
  // bytes that are; none between two frames.
  std::size_t finish_frame(std::span<const char> bytes) { return advance(bytes, true); }

  // Returns whether the bytes so far end between two frames.
  bool is_between_frames() const { return payload_left_ == 0 && header_bytes_ == 0; }

  // Returns whether a whole close frame has passed.
  bool has_closed() const { return has_closed_; }

  // Returns the first close frame that has passed, and forgets its reason. Returns `nullopt` if none
  // has passed since the last call.
  std::optional<SeenClose> take_close();

 private:
  std::size_t advance(std::span<const char> bytes, bool stops_at_end);
  void begin_payload();
  void keep_close(std::span<const char> payload);
  void finish_close();

  std::uint64_t payload_left_ = 0;  // of the frame under way
  std::array<char, kFrameHeaderBytesMax> header_{};
  std::uint8_t header_bytes_ = 0;  // read so far; 0 between frames and within a payload
  bool has_closed_ = false;
  bool is_close_ = false;               // the frame under way is the first close frame
  std::unique_ptr<std::string> close_;  // its payload, until take_close()
};

}  // namespace usher::wire
