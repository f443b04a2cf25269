// Reads messages from the bytes of a WebSocket connection (RFC 6455 sections 5.4 to 5.6, 7.1, 8.1).
//
// The caller owns one receive buffer for all of its connections and asks for one event at a time:
//
//     std::span<char> input = received;
//     for (;;) {
//       const MessageEvent event = reader.next(input);
//       if (event.kind == MessageEvent::Kind::need_more) break;
//       …
//     }
//
// A message that is whole in the input, as one frame, is unmasked in place and returned as a view:
// no copy, no heap. Only an incomplete rest is kept. It grows as bytes arrive, never by the size
// that a header announces, and is freed when it is used up. So a reader between messages takes only
// its own 16 bytes.
//
// Threads: none of its own; belongs to one connection.
// Limits: MessageReaderOptions::message_bytes_max, over all fragments; control frames have their
// 125 bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "wire/close_code.h"
#include "wire/ws_frame.h"

namespace usher::wire {

// Readable bytes behind each payload that a reader hands out (simdjson reads past the end of its
// input), and therefore required behind each input.
inline constexpr std::size_t kSpareBytes = 64;

struct MessageReaderOptions {
  std::size_t message_bytes_max = 65536;  // 2^32 - 1 or more: no limit
  Role role = Role::server;
  bool binary = true;  // false: a binary frame is refused with ReadError::unsupported_data
};

enum class ReadError : std::uint8_t {
  protocol_error,
  invalid_utf8,
  message_too_big,
  unsupported_data,
};

// Returns the close reason for `error`: 1002, 1007, 1009 or 1003.
CloseReason close_reason(ReadError error);

struct MessageEvent {
  enum class Kind : std::uint8_t {
    need_more,  // the input is used up
    fragment,   // a fragment has ended, and more follow: nothing to do, but it counts as work
    text,       // a whole message, valid UTF-8
    binary,     // a whole message
    ping,       // to be answered with the same payload
    pong,
    close,   // the peer's close frame; nothing after it is read
    failed,  // the peer broke the protocol: see `error`; only the close frame may follow
  };

  Kind kind = Kind::need_more;
  ReadError error = ReadError::protocol_error;  // of `failed`
  std::uint16_t close_code = 0;                 // of `close`; 1005 if the peer named none
  std::string_view payload = {};                // of `close`: the reason, valid UTF-8
};

class MessageReader {
 public:
  explicit MessageReader(const MessageReaderOptions& options);
  MessageReader(MessageReader&&) noexcept;
  MessageReader& operator=(MessageReader&&) noexcept;
  ~MessageReader();

  // Takes one event from the front of `input` and removes the used bytes; need_more always leaves
  // it empty. The bytes of `input` are changed (unmasked). Requires: kSpareBytes behind its end are
  // readable. The event's payload is valid until the next call and while the input's buffer is;
  // kSpareBytes behind it are readable.
  MessageEvent next(std::span<char>& input);

  // From now on frames are skipped, and nothing of them is kept; only the peer's close frame is
  // still an event. The reader does the same after a failure that leaves frame boundaries known.
  void skip_to_close();

  // Returns true after a close frame, and after a failure that leaves frame boundaries unknown.
  // Further input is then discarded.
  bool ended() const { return stage_ == Stage::ended; }

  // Returns the heap bytes held for an incomplete frame or message; 0 if there is none.
  std::size_t held_bytes() const;

 private:
  struct Partial;
  enum class Stage : std::uint8_t { open, skipping, ended };

  HeaderParse take_header(std::span<char>& input, FrameHeader& header);
  std::optional<ReadError> refuse(const FrameHeader& header) const;
  void begin(const FrameHeader& header);
  MessageEvent take_whole(const FrameHeader& header, std::span<char> payload);
  MessageEvent take_part(std::span<char>& input);
  MessageEvent control_event(Opcode opcode, std::string_view payload);
  MessageEvent close_event(std::string_view body);
  MessageEvent read(std::span<char>& input);
  MessageEvent skip(std::span<char>& input);
  MessageEvent fail(ReadError error);
  MessageEvent fail(ReadError error, const FrameHeader& frame, std::uint64_t frame_taken);
  Partial& partial();
  void forget_delivered();
  std::size_t message_bytes_max() const;

  std::unique_ptr<Partial> partial_;
  std::uint32_t message_bytes_max_;
  Role role_;
  bool binary_;
  Stage stage_ = Stage::open;
};

static_assert(sizeof(MessageReader) <= 16);

}  // namespace usher::wire
