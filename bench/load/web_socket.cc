#include "bench/load/web_socket.h"

#include <cstring>
#include <utility>

#include "bench/load/http_line.h"
#include "wire/ws_handshake.h"

namespace usher::bench {
namespace {

constexpr std::uint16_t kLost = 1006;

}  // namespace

// splitmix64.
std::uint64_t Numbers::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// 22 digits hold 132 bits: the last digit's lower four must be zero, so it is one of AQgw.
std::string make_web_socket_key(Numbers& numbers) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string key;
  std::uint64_t bits = 0;
  for (int i = 0; i < 21; ++i) {
    if (i % 10 == 0) bits = numbers.next();
    key += kDigits[bits & 63];
    bits >>= 6;
  }
  key += "AQgw"[numbers.next() & 3];
  return key + "==";
}

void WebSocket::open(std::string_view target, std::string_view authority, std::string_view fields,
                     std::size_t index) {
  close();
  ++life_;
  key_ = make_web_socket_key(numbers_);
  request_.clear();
  request_.append("GET ").append(target).append(" HTTP/1.1\r\nHost: ").append(authority);
  request_.append("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n");
  request_.append("Sec-WebSocket-Key: ").append(key_).append("\r\n").append(fields).append("\r\n");
  state_ = State::opening;
  stream_.open(address_, index);
  stream_.write(std::exchange(request_, {}));
}

void WebSocket::append(wire::Opcode opcode, std::string_view payload) {
  wire::MaskKey mask;
  const std::uint64_t bits = numbers_.next();
  std::memcpy(mask.data(), &bits, mask.size());
  wire::append_masked_frame(held_, opcode, payload, mask);
}

void WebSocket::send(wire::Opcode opcode, std::string_view payload) {
  append(opcode, payload);
  flush();
}

void WebSocket::send_text(std::string_view payload) { send(wire::Opcode::text, payload); }
void WebSocket::hold_text(std::string_view payload) { append(wire::Opcode::text, payload); }

void WebSocket::flush() {
  if (held_.empty()) return;
  stream_.write(held_);
  held_.clear();
  if (held_.capacity() > 4096) held_.shrink_to_fit();
}

void WebSocket::say_goodbye() {
  if (state_ != State::open) return;
  state_ = State::leaving;
  send(wire::Opcode::close, std::string_view("\x03\xe8", 2));
}

void WebSocket::close(bool reset) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  ++life_;
  rest_ = {};
  held_ = {};
  stream_.close(reset);
}

void WebSocket::on_bytes(std::span<char> bytes) {
  const std::uint32_t life = life_;
  std::string kept;
  std::string_view left(bytes.data(), bytes.size());
  if (!rest_.empty()) {
    kept = std::exchange(rest_, {});
    kept.append(left);
    left = kept;
  }
  if (state_ == State::opening) {
    const std::size_t used = take_handshake(left);
    if (life != life_) return;
    left.remove_prefix(used);
  }
  if (state_ == State::open || state_ == State::leaving) {
    const std::size_t used = take_frames(left);
    if (life != life_) return;
    left.remove_prefix(used);
  }
  rest_.assign(left);
}

std::size_t WebSocket::take_handshake(std::string_view bytes) {
  const auto read = read_http_answer(bytes);
  if (!read) return 0;
  const auto& [answer, used] = *read;
  if (answer.status != 101) {
    end(kLost, answer.status == 0 ? std::string(answer.body)
                                  : "HTTP " + std::to_string(answer.status) + " " +
                                        std::string(answer.body.substr(0, 200)));
    return used;
  }
  // By its value: no other field can hold it.
  if (answer.head.find(": " + wire::accept_key(key_)) == std::string_view::npos) {
    end(kLost, "a 101 without the Sec-WebSocket-Accept that belongs to the key");
    return used;
  }
  state_ = State::open;
  listener_.on_open(*this);
  return used;
}

std::size_t WebSocket::take_frames(std::string_view bytes) {
  const std::uint32_t life = life_;
  std::size_t used = 0;
  while (used < bytes.size()) {
    wire::FrameHeader header;
    const auto parsed = wire::parse_frame_header(bytes.substr(used), wire::Role::client, header);
    if (parsed == wire::HeaderParse::invalid || header.payload_bytes > kFrameBytesMax) {
      end(kLost, "a frame that is against RFC 6455, or too long");
      return used;
    }
    const std::size_t left = bytes.size() - used;
    if (parsed == wire::HeaderParse::incomplete ||
        left - header.header_bytes < header.payload_bytes) {
      return used;
    }
    const auto size = static_cast<std::size_t>(header.payload_bytes);
    take_frame(header.opcode, bytes.substr(used + header.header_bytes, size));
    if (life != life_) return used;
    used += header.header_bytes + size;
  }
  return used;
}

void WebSocket::take_frame(wire::Opcode opcode, std::string_view payload) {
  switch (opcode) {
    case wire::Opcode::text:
    case wire::Opcode::binary:
    case wire::Opcode::continuation:
      return listener_.on_text(*this, payload);
    case wire::Opcode::ping:
      if (state_ == State::open) send(wire::Opcode::pong, payload);
      return;
    case wire::Opcode::pong:
      return;
    case wire::Opcode::close: {
      std::uint16_t code = 1005;
      if (payload.size() >= 2) {
        code = static_cast<std::uint16_t>(static_cast<unsigned char>(payload[0]) << 8 |
                                          static_cast<unsigned char>(payload[1]));
      }
      if (state_ == State::open) send(wire::Opcode::close, payload.substr(0, 2));
      return end(code, payload.size() > 2 ? payload.substr(2) : std::string_view("closed"));
    }
  }
}

void WebSocket::on_lost(std::string_view why) { end(kLost, why); }

void WebSocket::end(std::uint16_t code, std::string_view why) {
  if (state_ == State::closed) return;
  const std::string reason(why);
  close();
  listener_.on_ended(*this, code, reason);
}

}  // namespace usher::bench
