#include "wire/ws_frame.h"

#include <cstring>
#include <optional>

#include "base/check.h"
#include "wire/utf8.h"

namespace usher::wire {
namespace {

constexpr std::uint8_t kFinalBit = 0x80;
constexpr std::uint8_t kReservedBits = 0x70;
constexpr std::uint8_t kMaskBit = 0x80;
constexpr std::uint8_t kLength16 = 126;  // the length follows in 2 bytes
constexpr std::uint8_t kLength64 = 127;  // in 8

constexpr std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

std::optional<Opcode> known_opcode(std::uint8_t value) {
  const auto opcode = static_cast<Opcode>(value);
  switch (opcode) {
    case Opcode::continuation:
    case Opcode::text:
    case Opcode::binary:
    case Opcode::close:
    case Opcode::ping:
    case Opcode::pong:
      return opcode;
  }
  return std::nullopt;
}

// The extended length in `bytes`, which are all of it or as many as have come.
HeaderParse parse_length(std::string_view bytes, std::size_t wanted, std::uint64_t& length) {
  if (wanted == 8 && !bytes.empty() && (byte_at(bytes, 0) & 0x80) != 0) return HeaderParse::invalid;
  if (bytes.size() < wanted) return HeaderParse::incomplete;
  length = 0;
  for (std::size_t i = 0; i < wanted; ++i) length = length << 8 | byte_at(bytes, i);
  const std::uint64_t shorter_max = wanted == 2 ? 125 : 0xFFFF;
  return length > shorter_max ? HeaderParse::complete : HeaderParse::invalid;
}

void append_header(std::string& out, Opcode opcode, bool final, std::uint64_t payload_bytes,
                   std::uint8_t mask_bit) {
  USHER_INVARIANT(!is_control(opcode) || (final && payload_bytes <= kControlPayloadBytesMax));
  char header[10];
  std::size_t size = 2;
  std::size_t extended = 0;
  std::uint8_t length = kLength64;
  if (payload_bytes < kLength16) {
    length = static_cast<std::uint8_t>(payload_bytes);
  } else if (payload_bytes <= 0xFFFF) {
    length = kLength16;
    extended = 2;
  } else {
    extended = 8;
  }
  header[0] = static_cast<char>((final ? kFinalBit : 0) | static_cast<std::uint8_t>(opcode));
  header[1] = static_cast<char>(mask_bit | length);
  for (std::size_t i = extended; i > 0; --i) {
    header[size++] = static_cast<char>(payload_bytes >> 8 * (i - 1) & 0xFF);
  }
  out.append(header, size);
}

}  // namespace

HeaderParse parse_frame_header(std::string_view bytes, Role role, FrameHeader& out) {
  if (bytes.empty()) return HeaderParse::incomplete;
  const std::uint8_t first = byte_at(bytes, 0);
  const auto opcode = known_opcode(first & 0x0F);
  if (!opcode || (first & kReservedBits) != 0) return HeaderParse::invalid;
  out.opcode = *opcode;
  out.final = (first & kFinalBit) != 0;
  if (is_control(*opcode) && !out.final) return HeaderParse::invalid;

  if (bytes.size() < 2) return HeaderParse::incomplete;
  const std::uint8_t second = byte_at(bytes, 1);
  const bool masked = (second & kMaskBit) != 0;
  const std::uint8_t length = second & 0x7F;
  if (masked != (role == Role::server)) return HeaderParse::invalid;
  if (is_control(*opcode) && length > kControlPayloadBytesMax) return HeaderParse::invalid;

  std::size_t size = 2;
  out.payload_bytes = length;
  if (length >= kLength16) {
    const std::size_t extended = length == kLength16 ? 2 : 8;
    const auto parsed = parse_length(bytes.substr(size), extended, out.payload_bytes);
    if (parsed != HeaderParse::complete) return parsed;
    size += extended;
  }

  out.mask = {};
  if (masked) {
    if (bytes.size() < size + out.mask.size()) return HeaderParse::incomplete;
    std::memcpy(out.mask.data(), bytes.data() + size, out.mask.size());
    size += out.mask.size();
  }
  out.header_bytes = static_cast<std::uint8_t>(size);
  return HeaderParse::complete;
}

void apply_mask(std::span<char> payload, MaskKey mask, std::uint64_t position) {
  std::array<char, 8> turned;
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = mask[(position + i) % mask.size()];
  std::uint64_t key;
  std::memcpy(&key, turned.data(), sizeof key);

  std::size_t i = 0;
  for (; payload.size() - i >= sizeof key; i += sizeof key) {
    std::uint64_t eight;
    std::memcpy(&eight, payload.data() + i, sizeof eight);
    eight ^= key;
    std::memcpy(payload.data() + i, &eight, sizeof eight);
  }
  for (std::size_t k = 0; i < payload.size(); ++i, ++k) payload[i] ^= turned[k];
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  append_header(out, opcode, /*final=*/true, payload.size(), /*mask_bit=*/0);
  out.append(payload);
}

void append_masked_frame(std::string& out, Opcode opcode, std::string_view payload, MaskKey mask,
                         bool final) {
  append_header(out, opcode, final, payload.size(), kMaskBit);
  out.append(mask.data(), mask.size());
  out.append(payload);
  apply_mask(std::span(out).last(payload.size()), mask);
}

void append_close_frame(std::string& out, CloseReason reason) {
  if (reason.code == static_cast<std::uint16_t>(CloseCode::no_status)) {
    return append_frame(out, Opcode::close, {});
  }
  USHER_INVARIANT(may_be_sent(reason.code));
  const std::string_view text = utf8_prefix(reason.reason, kCloseReasonBytesMax);
  append_header(out, Opcode::close, /*final=*/true, 2 + text.size(), /*mask_bit=*/0);
  out.push_back(static_cast<char>(reason.code >> 8));
  out.push_back(static_cast<char>(reason.code & 0xFF));
  out.append(text);
}

SharedFrame make_text_frame(std::string_view payload) {
  std::string frame;
  frame.reserve(kFrameHeaderBytesMax + payload.size());
  append_frame(frame, Opcode::text, payload);
  return std::make_shared<const std::string>(std::move(frame));
}

}  // namespace usher::wire
