// Messages out of the bytes of one WebSocket connection (RFC 6455 sections 5.4 to 5.6, 7.1, 8.1).
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
// A message that lies in the input whole, as one frame, is unmasked there and returned as a view:
// no copy, no heap. Only an incomplete rest is kept, growing as bytes come and never by what a
// header announces, and freed when it is used up; so a reader between messages is its own 16 bytes.
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

// What the close frame says about it: 1002, 1007, 1009, 1003.
CloseReason close_reason(ReadError error);

struct MessageEvent {
  enum class Kind : std::uint8_t {
    need_more,  // the input is used up
    fragment,   // a part of a message has ended, and more is to come: nothing to do, but work was
                // done
    text,       // a whole message, valid UTF-8
    binary,     // a whole message
    ping,       // to be answered with the same payload
    pong,
    close,   // the peer's close frame; nothing after it is read
    failed,  // the peer broke the protocol: see `error`; after it comes only the close frame, if
             // any
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

  // Takes one event from the front of `input` and shortens it by what was used; need_more always
  // leaves it empty. The bytes of `input` are changed (unmasked), and kSpareBytes behind its end
  // must be readable. The event's payload is good until the next call and while the input's buffer
  // is; kSpareBytes behind it are readable.
  MessageEvent next(std::span<char>& input);

  // From now on frames are passed over, and nothing of them is kept; the peer's close frame alone
  // is still an event. As after a failure that leaves the frames' boundaries known.
  void skip_to_close();

  // After a close frame, or a failure behind which no frame can be found: further input is thrown
  // away.
  bool ended() const { return stage_ == Stage::ended; }

  // Heap held for an incomplete frame or message; 0 when there is none.
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
