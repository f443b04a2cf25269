// One outgoing TCP connection: bytes in and out, never blocking.
//
// Threads: its loop's.  Borrows: the loop, the listener.  Limits: none of its own. Only the
// listener's own bytes wait to be written, and they are few: a load generator waits for answers.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bench/load/loop.h"

namespace usher::bench {

// The server's address, and the source addresses. One source address has 28,000 ports for one
// server; on loopback there are more source addresses.
class Address {
 public:
  // `where` is an IPv4 or IPv6 address. No name is resolved here.
  explicit Address(const sockaddr_storage& where) : where_(where) {}

  const sockaddr_storage& where() const { return where_; }

  // Binds `fd`, the `index`th socket of a run, to its source address.
  void bind_source(int fd, std::size_t index) const;

 private:
  sockaddr_storage where_;
};

class Stream final : public Loop::Watcher {
 public:
  class Listener {
   public:
    virtual void on_connected() = 0;
    virtual void on_bytes(std::span<char> bytes) = 0;
    virtual void on_lost(std::string_view why) = 0;  // called once; the stream is closed already

   protected:
    ~Listener() = default;
  };

  Stream(Loop& loop, Listener& listener) : loop_(loop), listener_(listener) {}
  ~Stream() override { close(); }

  // `index`: see Address. Failures are reported by on_lost(), never during the call.
  void open(const Address& address, std::size_t index);

  void write(std::string_view bytes);

  // The listener is not called any more. `reset`: ends the connection at once, without a TIME_WAIT
  // state that would keep the port.
  void close(bool reset = false);

  bool is_open() const { return fd_ >= 0; }

 private:
  void on_ready(std::uint32_t events) override;
  void write_pending();
  void read_available(bool to_the_end);
  void lose(std::string_view why);

  Loop& loop_;
  Listener& listener_;
  int fd_ = -1;
  bool connected_ = false;
  std::uint32_t life_ = 0;  // counts open(): a callback may close and open again
  std::string pending_;
};

}  // namespace usher::bench
