#include "wire/frame_boundary.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace usher::wire {
namespace {

constexpr std::size_t kMaskBytes = 4;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kOpcode = 0x0F;
constexpr std::uint8_t kLengthIn2 = 126;
constexpr std::uint8_t kLengthIn8 = 127;

std::uint8_t byte_at(std::span<const char> bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

std::size_t length_bytes(std::uint8_t second) {
  const std::uint8_t length = second & ~kMasked;
  return length == kLengthIn8 ? 8 : length == kLengthIn2 ? 2 : 0;
}

// Of a header of which two bytes are known.
std::size_t header_size(std::uint8_t second) {
  return 2 + length_bytes(second) + ((second & kMasked) != 0 ? kMaskBytes : 0);
}

std::uint64_t payload_size(std::span<const char> header) {
  const std::uint8_t second = byte_at(header, 1);
  const std::size_t extended = length_bytes(second);
  if (extended == 0) return second & ~kMasked;
  std::uint64_t size = 0;
  for (std::size_t i = 0; i < extended; ++i) size = size << 8 | byte_at(header, 2 + i);
  return size;
}

}  // namespace

// The loop touches each header, and no byte of a payload.
std::size_t FrameBoundary::advance(std::span<const char> bytes, bool stops_at_end) {
  std::size_t at = 0;
  while (at < bytes.size() && !(stops_at_end && is_between_frames())) {
    if (payload_left_ > 0) {
      const auto count =
          static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size() - at));
      if (is_close_) keep_close(bytes.subspan(at, count));
      payload_left_ -= count;
      at += count;
      if (is_close_ && payload_left_ == 0) finish_close();
      continue;
    }
    header_[header_bytes_++] = bytes[at++];
    if (header_bytes_ >= 2 && header_bytes_ == header_size(byte_at(header_, 1))) begin_payload();
  }
  return at;
}

void FrameBoundary::begin_payload() {
  payload_left_ = payload_size(header_);
  header_bytes_ = 0;
  const auto opcode = static_cast<Opcode>(byte_at(header_, 0) & kOpcode);
  is_close_ = opcode == Opcode::close && close_ == nullptr && !has_closed_;
  if (!is_close_) return;
  close_ = std::make_unique<std::string>();
  if (payload_left_ == 0) finish_close();
}

// The header is still the close frame's own.
void FrameBoundary::finish_close() {
  is_close_ = false;
  has_closed_ = true;
  const std::uint8_t second = byte_at(header_, 1);
  if ((second & kMasked) == 0) return;
  MaskKey mask;
  std::memcpy(mask.data(), header_.data() + 2 + length_bytes(second), mask.size());
  apply_mask(*close_, mask);
}

void FrameBoundary::keep_close(std::span<const char> payload) {
  const std::size_t room =
      kControlPayloadBytesMax - std::min(kControlPayloadBytesMax, close_->size());
  close_->append(payload.data(), std::min(room, payload.size()));
}

std::optional<SeenClose> FrameBoundary::take_close() {
  if (!has_closed_ || close_ == nullptr) return std::nullopt;
  const std::string payload = std::move(*std::exchange(close_, nullptr));
  if (payload.size() < 2) return SeenClose{static_cast<std::uint16_t>(CloseCode::no_status), {}};
  const auto code = static_cast<std::uint16_t>(byte_at(payload, 0) << 8 | byte_at(payload, 1));
  return SeenClose{code, payload.substr(2)};
}

}  // namespace usher::wire
