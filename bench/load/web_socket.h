// One WebSocket of the load generator: handshake (the accept key is checked), frames in, text out.
//
// Threads: its loop's.  Borrows: the loop, the address, the listener.  Limits: kFrameBytesMax.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/load/stream.h"
#include "wire/ws_frame.h"

namespace usher::bench {

// Pseudorandom numbers for keys and masks that differ from each other. Not for secrets.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();

 private:
  std::uint64_t state_;
};

// Returns a Sec-WebSocket-Key of 16 such bytes.
std::string make_web_socket_key(Numbers& numbers);

class WebSocket final : private Stream::Listener {
 public:
  static constexpr std::size_t kFrameBytesMax = 16 << 20;

  class Listener {
   public:
    virtual void on_open(WebSocket& socket) = 0;  // 101 with the right accept key
    // A whole frame. The view is valid during the call.
    virtual void on_text(WebSocket& socket, std::string_view payload) = 0;
    // Refused, lost, or closed by the server (`code` is then the server's). Not called after
    // close().
    virtual void on_ended(WebSocket& socket, std::uint16_t code, std::string_view why) = 0;

   protected:
    ~Listener() = default;
  };

  WebSocket(Loop& loop, const Address& address, Numbers& numbers, Listener& listener)
      : stream_(loop, *this), address_(address), numbers_(numbers), listener_(listener) {}

  // Sends the upgrade for `target` with additional `fields` ("Name: value\r\n" each). `index`: see
  // Address.
  void open(std::string_view target, std::string_view authority, std::string_view fields,
            std::size_t index);

  void send_text(std::string_view payload);

  // hold_text() collects frames; flush() sends all that were collected in one write.
  void hold_text(std::string_view payload);
  void flush();

  // Sends a close frame. on_ended() follows when the server's close frame or the end of the stream
  // arrives.
  void say_goodbye();

  // Closes this side. The listener is not called any more.
  void close(bool reset = false);

  bool is_open() const { return state_ == State::open; }

 private:
  enum class State : std::uint8_t { closed, opening, open, leaving };

  void on_connected() override {}
  void on_bytes(std::span<char> bytes) override;
  void on_lost(std::string_view why) override;

  // Both return how many of `bytes` they used; less than all if the rest is incomplete.
  std::size_t take_handshake(std::string_view bytes);
  std::size_t take_frames(std::string_view bytes);
  void take_frame(wire::Opcode opcode, std::string_view payload);
  void send(wire::Opcode opcode, std::string_view payload);
  void append(wire::Opcode opcode, std::string_view payload);
  void end(std::uint16_t code, std::string_view why);

  Stream stream_;
  const Address& address_;
  Numbers& numbers_;
  Listener& listener_;
  State state_ = State::closed;
  std::uint32_t life_ = 0;
  std::string key_;
  std::string request_;
  std::string rest_;  // received, but incomplete
  std::string held_;  // to be sent by flush()
};

}  // namespace usher::bench
