// Reads and writes one WebSocket frame's header, and masks its payload (RFC 6455 section 5).
//
// One decoder serves both roles: a server requires masked frames, a client unmasked ones. The rules
// of messages (fragments, UTF-8, size) are in ws_message.h. No extension is ever negotiated, so
// every reserved bit is an error.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "wire/close_code.h"
#include "wire/shared_frame.h"

namespace usher::wire {

enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xA,
};

constexpr bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 0x8; }

// Which end of the connection reads the frame.
enum class Role : std::uint8_t { server, client };

using MaskKey = std::array<char, 4>;  // in the order of the wire

inline constexpr std::size_t kFrameHeaderBytesMax = 14;
inline constexpr std::size_t kControlPayloadBytesMax = 125;
inline constexpr std::size_t kCloseReasonBytesMax = 123;

struct FrameHeader {
  Opcode opcode = Opcode::continuation;
  bool final = true;
  std::uint8_t header_bytes = 0;  // size of the header itself
  MaskKey mask{};                 // zeros: unmasked
  std::uint64_t payload_bytes = 0;
};

enum class HeaderParse : std::uint8_t {
  complete,
  incomplete,  // more bytes are needed; never with kFrameHeaderBytesMax of them
  invalid,     // a violation of the protocol, found at the first byte that shows it
};

// Reads the header at the front of `bytes` into `out`, which is valid only if the result is
// `complete`. Refused: reserved bits and opcodes; a mask where `role` forbids one, or none where it
// requires one; control frames that are fragmented or over 125 bytes; lengths in more bytes than
// needed or of 2^63 and more.
HeaderParse parse_frame_header(std::string_view bytes, Role role, FrameHeader& out);

// XORs `payload` with `mask`, in place. `position`: the number of bytes of the frame's payload
// before these.
void apply_mask(std::span<char> payload, MaskKey mask, std::uint64_t position = 0);

// Appends one final, unmasked frame, as a server sends it. A control frame's payload must not exceed
// 125 bytes.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);

// Appends one masked frame, as a client sends it. `final` false: the first or a middle fragment.
void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload, MaskKey mask,
                         bool final = true);

// Appends a server's close frame. Code 1005 (no_status) gives an empty body, which answers a close
// without a code; every other code must pass may_be_sent(). A reason over 123 bytes is cut between
// two characters.
void append_close_frame(std::string& out, CloseReason reason);

}  // namespace usher::wire
