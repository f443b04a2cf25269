// One outgoing TCP connection: bytes in and out, never blocking.
//
// Threads: its loop's.  Borrows: the loop, the listener.  Limits: what has to wait to be written is
// the listener's own, and few: load generators wait for answers.
#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bench/load/loop.h"

namespace usher::bench {

// Where to connect, and from where: one address has 28,000 ports for one server. On loopback there
// are more addresses to connect from.
class Address {
 public:
  // Nothing is resolved here: an IPv4 or IPv6 address.
  explicit Address(const sockaddr_storage& where) : where_(where) {}

  const sockaddr_storage& where() const { return where_; }

  // Binds `fd`, the `index`th of a run, to the source address that it should come from.
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
    virtual void on_lost(std::string_view why) = 0;  // once; closed already

   protected:
    ~Listener() = default;
  };

  Stream(Loop& loop, Listener& listener) : loop_(loop), listener_(listener) {}
  ~Stream() override { close(); }

  // `index`: see Address. What goes wrong is told by on_lost(), never during the call.
  void open(const Address& address, std::size_t index);

  void write(std::string_view bytes);

  // Nothing is told any more. `reset`: at once, without a TIME_WAIT that keeps the port.
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
  std::uint32_t life_ = 0;  // which open() it is: a callback may close and open again
  std::string pending_;
};

}  // namespace usher::bench
