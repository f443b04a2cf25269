#include "wire/ws_message.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "wire/utf8.h"

namespace usher::wire {
namespace {

using Kind = MessageEvent::Kind;

std::string_view as_text(std::span<const char> bytes) { return {bytes.data(), bytes.size()}; }

std::span<char> take_front(std::span<char>& input, std::size_t size) {
  const auto front = input.first(size);
  input = input.subspan(size);
  return front;
}

// Assigning an empty string would keep the heap block.
void release(std::string& held) { std::string().swap(held); }

Kind kind_of(Opcode data) { return data == Opcode::text ? Kind::text : Kind::binary; }

}  // namespace

CloseReason close_reason(ReadError error) {
  switch (error) {
    case ReadError::protocol_error:
      return {CloseCode::protocol_error, "PROTOCOL_ERROR"};
    case ReadError::invalid_utf8:
      return {CloseCode::invalid_utf8, "INVALID_UTF8"};
    case ReadError::message_too_big:
      return {CloseCode::message_too_big, "MESSAGE_TOO_BIG"};
    case ReadError::unsupported_data:
      return {CloseCode::unsupported_data, "UNSUPPORTED_DATA"};
  }
  return {CloseCode::internal_error, "INTERNAL_ERROR"};
}

// What an incomplete header, frame or message leaves behind when the input is used up.
struct MessageReader::Partial {
  enum class Delivered : std::uint8_t { nothing, message, control };

  std::array<char, kFrameHeaderBytesMax> header;
  std::uint8_t header_bytes = 0;             // that have come of an incomplete header
  Delivered delivered = Delivered::nothing;  // what the caller still looks at
  std::optional<FrameHeader> frame;          // whose payload has not come whole
  std::uint64_t frame_taken = 0;             // of its payload
  std::optional<Opcode> message_opcode;      // text or binary: a message is under way
  Utf8Validator utf8;  // over that message, if it is text; complete between messages
  std::string message;
  std::string control;

  bool idle() const { return header_bytes == 0 && !frame && !message_opcode; }

  // Leaves the spare bytes behind, and grows by doubling: a thousand fragments are not a thousand
  // copies.
  static void append(std::string& held, std::string_view chunk, std::size_t size_max) {
    const std::size_t size = held.size() + chunk.size();
    if (held.capacity() < size + kSpareBytes) {
      held.reserve(std::max(size, std::min(2 * held.size(), size_max)) + kSpareBytes);
    }
    held.append(chunk);
  }
};

MessageReader::MessageReader(const MessageReaderOptions& options)
    : message_bytes_max_(
          static_cast<std::uint32_t>(std::min<std::size_t>(options.message_bytes_max, UINT32_MAX))),
      role_(options.role),
      binary_(options.binary) {}
MessageReader::MessageReader(MessageReader&&) noexcept = default;
MessageReader& MessageReader::operator=(MessageReader&&) noexcept = default;
MessageReader::~MessageReader() = default;

std::size_t MessageReader::message_bytes_max() const {
  return message_bytes_max_ == UINT32_MAX ? SIZE_MAX : message_bytes_max_;
}

MessageEvent MessageReader::next(std::span<char>& input) {
  forget_delivered();
  switch (stage_) {
    case Stage::open:
      return read(input);
    case Stage::skipping:
      return skip(input);
    case Stage::ended:
      break;
  }
  input = {};
  return {};
}

MessageEvent MessageReader::read(std::span<char>& input) {
  if (partial_ && partial_->frame) return take_part(input);
  FrameHeader header;
  switch (take_header(input, header)) {
    case HeaderParse::incomplete:
      return {};
    case HeaderParse::invalid:
      return fail(ReadError::protocol_error);
    case HeaderParse::complete:
      break;
  }
  if (const auto refusal = refuse(header)) return fail(*refusal, header, 0);
  const bool stands_alone = header.final && header.opcode != Opcode::continuation;
  if (stands_alone && header.payload_bytes <= input.size()) {
    return take_whole(header, take_front(input, header.payload_bytes));
  }
  begin(header);
  return take_part(input);
}

HeaderParse MessageReader::take_header(std::span<char>& input, FrameHeader& header) {
  if (!partial_ || partial_->header_bytes == 0) {
    const auto parsed = parse_frame_header(as_text(input), role_, header);
    if (parsed == HeaderParse::complete) input = input.subspan(header.header_bytes);
    if (parsed != HeaderParse::incomplete || input.empty()) return parsed;
  }

  // Joins what came before with as much as a header could still take.
  Partial& held = partial();
  const std::size_t before = held.header_bytes;
  const std::size_t added = std::min(held.header.size() - before, input.size());
  std::copy_n(input.begin(), added, held.header.begin() + before);
  const auto parsed =
      parse_frame_header(as_text(std::span(held.header).first(before + added)), role_, header);
  if (parsed == HeaderParse::complete) {
    held.header_bytes = 0;
    input = input.subspan(header.header_bytes - before);
  } else {
    held.header_bytes = static_cast<std::uint8_t>(before + added);
    input = {};
  }
  return parsed;
}

std::optional<ReadError> MessageReader::refuse(const FrameHeader& header) const {
  if (is_control(header.opcode)) return std::nullopt;
  const bool under_way = partial_ && partial_->message_opcode;
  const bool continues = header.opcode == Opcode::continuation;
  if (continues != under_way) return ReadError::protocol_error;
  if (header.opcode == Opcode::binary && !binary_) return ReadError::unsupported_data;
  const std::size_t held = under_way ? partial_->message.size() : 0;
  if (header.payload_bytes > message_bytes_max() - held) return ReadError::message_too_big;
  return std::nullopt;
}

MessageEvent MessageReader::take_whole(const FrameHeader& header, std::span<char> payload) {
  if (role_ == Role::server) apply_mask(payload, header.mask);
  const std::string_view text = as_text(payload);
  if (is_control(header.opcode)) return control_event(header.opcode, text);
  if (header.opcode == Opcode::text && !is_valid_utf8(text)) {
    return fail(ReadError::invalid_utf8, header, header.payload_bytes);
  }
  return {.kind = kind_of(header.opcode), .payload = text};
}

void MessageReader::begin(const FrameHeader& header) {
  Partial& held = partial();
  held.frame = header;
  held.frame_taken = 0;
  if (is_control(header.opcode) || header.opcode == Opcode::continuation) return;
  held.message_opcode = header.opcode;
}

// As much of the frame under way as the input has.
MessageEvent MessageReader::take_part(std::span<char>& input) {
  Partial& held = *partial_;
  const FrameHeader frame = *held.frame;
  const auto chunk = take_front(
      input, std::min<std::uint64_t>(input.size(), frame.payload_bytes - held.frame_taken));
  if (role_ == Role::server) apply_mask(chunk, frame.mask, held.frame_taken);
  held.frame_taken += chunk.size();
  const bool frame_ended = held.frame_taken == frame.payload_bytes;
  if (frame_ended) held.frame.reset();

  if (is_control(frame.opcode)) {
    Partial::append(held.control, as_text(chunk), kControlPayloadBytesMax);
    if (!frame_ended) return {};
    held.delivered = Partial::Delivered::control;
    return control_event(frame.opcode, held.control);
  }

  const bool is_text = held.message_opcode == Opcode::text;
  const std::uint64_t taken = held.frame_taken;
  if (is_text && !held.utf8.feed(as_text(chunk))) {
    return fail(ReadError::invalid_utf8, frame, taken);
  }
  Partial::append(held.message, as_text(chunk), message_bytes_max());
  if (!frame_ended) return {};
  if (!frame.final) return {.kind = Kind::fragment};
  if (is_text && !held.utf8.complete()) return fail(ReadError::invalid_utf8, frame, taken);
  held.delivered = Partial::Delivered::message;
  return {.kind = kind_of(*held.message_opcode), .payload = held.message};
}

MessageEvent MessageReader::control_event(Opcode opcode, std::string_view payload) {
  if (opcode == Opcode::close) return close_event(payload);
  return {.kind = opcode == Opcode::ping ? Kind::ping : Kind::pong, .payload = payload};
}

MessageEvent MessageReader::close_event(std::string_view body) {
  std::uint16_t code = static_cast<std::uint16_t>(CloseCode::no_status);
  std::string_view reason;
  if (!body.empty()) {
    if (body.size() == 1) return fail(ReadError::protocol_error);
    code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(body[0]) << 8 |
                                      static_cast<std::uint8_t>(body[1]));
    reason = body.substr(2);
    if (!may_be_sent(code)) return fail(ReadError::protocol_error);
    if (!is_valid_utf8(reason)) return fail(ReadError::invalid_utf8);
  }
  stage_ = Stage::ended;
  if (partial_) release(partial_->message);  // will never be completed
  return {.kind = Kind::close, .close_code = code, .payload = reason};
}

MessageEvent MessageReader::fail(ReadError error) {
  stage_ = Stage::ended;
  partial_.reset();
  return {.kind = Kind::failed, .error = error};
}

// The frame that failed is passed over like those behind it.
MessageEvent MessageReader::fail(ReadError error, const FrameHeader& frame,
                                 std::uint64_t frame_taken) {
  if (error == ReadError::protocol_error) return fail(error);
  skip_to_close();
  if (frame_taken < frame.payload_bytes) {
    Partial& held = partial();
    held.frame = frame;
    held.frame_taken = frame_taken;
  }
  return {.kind = Kind::failed, .error = error};
}

void MessageReader::skip_to_close() {
  if (stage_ != Stage::open) return;
  stage_ = Stage::skipping;
  if (!partial_) return;
  release(partial_->message);
  partial_->message_opcode.reset();
  if (partial_->idle()) partial_.reset();
}

MessageEvent MessageReader::skip(std::span<char>& input) {
  while (true) {
    if (!partial_ || !partial_->frame) {
      FrameHeader header;
      const HeaderParse parsed = take_header(input, header);
      if (parsed == HeaderParse::incomplete) return {};
      if (parsed == HeaderParse::invalid) break;
      partial().frame = header;
      partial_->frame_taken = 0;
    }
    Partial& held = *partial_;
    const FrameHeader frame = *held.frame;
    if (frame.opcode == Opcode::close) {
      const MessageEvent event = take_part(input);
      if (event.kind != Kind::failed) return event;
      break;
    }
    held.frame_taken += take_front(input, std::min<std::uint64_t>(
                                              input.size(), frame.payload_bytes - held.frame_taken))
                            .size();
    if (held.frame_taken < frame.payload_bytes) return {};
    partial_.reset();
  }
  stage_ = Stage::ended;
  partial_.reset();
  input = {};
  return {};
}

MessageReader::Partial& MessageReader::partial() {
  if (!partial_) partial_ = std::make_unique<Partial>();
  return *partial_;
}

void MessageReader::forget_delivered() {
  if (!partial_) return;
  Partial& held = *partial_;
  if (held.delivered == Partial::Delivered::message) held.message_opcode.reset();
  if (held.delivered == Partial::Delivered::control) release(held.control);
  held.delivered = Partial::Delivered::nothing;
  if (held.idle() || stage_ == Stage::ended) partial_.reset();
}

std::size_t MessageReader::held_bytes() const {
  if (!partial_) return 0;
  return sizeof(Partial) + partial_->message.capacity() + partial_->control.capacity();
}

}  // namespace usher::wire
