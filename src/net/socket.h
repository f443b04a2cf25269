// One connected socket, with or without TLS: reads and writes bytes, and never blocks.
//
// Threads: belongs to its shard.  Owns: the descriptor.
#pragma once

#include <sys/uio.h>

#include <memory>
#include <span>
#include <string>

#include "net/fd.h"
#include "net/io_result.h"
#include "net/tls.h"

namespace usher::net {

class Socket {
 public:
  // `tls` is null for plain connections.
  Socket(Fd fd, std::unique_ptr<TlsSession> tls) : fd_(std::move(fd)), tls_(std::move(tls)) {}

  // The socket was plain so far.
  void begin_tls(std::unique_ptr<TlsSession> tls) { tls_ = std::move(tls); }

  IoResult read(std::span<char> buffer);
  IoResult write(std::span<const iovec> parts);

  // Tells the peer that no more bytes will come. Reading goes on.
  void finish_writing();

  void close() {
    tls_.reset();
    fd_.reset();
  }
  int fd() const { return fd_.get(); }
  bool is_tls() const { return tls_ != nullptr; }
  // Returns why a read or write has just failed, for a person.
  std::string failure_text() const;

 private:
  Fd fd_;
  std::unique_ptr<TlsSession> tls_;
};

}  // namespace usher::net
