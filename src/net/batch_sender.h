// Bytes for many sockets, in one system call where the kernel takes them so.
//
// A send costs the kernel more than all that usher does for a message, and a part of that is the
// call itself. io_uring(7) takes hundreds of them in one call. Sends that must not wait are done
// when that call returns: so this is send(2), many times over, with the same results. Where there
// is no io_uring, or none is allowed (kernel.io_uring_disabled, the seccomp filter of most
// containers), it is send(2), one at a time.
//
// Threads: belongs to one shard. Owns: the ring.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "net/io_result.h"

namespace usher::net {

struct SendOrder {
  int fd = -1;
  std::span<const char> bytes;
  IoResult result{IoStatus::done, 0};  // filled in by BatchSender::send()
};

// send(2), without waiting and without SIGPIPE.
IoResult send_bytes(int fd, std::span<const char> bytes);

class BatchSender {
 public:
  static constexpr std::size_t kBatchMax = 512;
  // Below this, the ring gains nothing.
  static constexpr std::size_t kBatchMin = 4;

  enum class Way : std::uint8_t { io_uring, one_by_one };

  // io_uring is a wish: see way().
  explicit BatchSender(Way wanted);
  ~BatchSender();

  Way way() const;
  // Why it isn't io_uring, though that was wanted; else empty.
  const std::string& obstacle() const { return obstacle_; }

  // Sends each order's bytes, as many as its socket takes now. At most kBatchMax orders, no socket
  // twice. Nothing of it is used any more afterwards.
  void send(std::span<SendOrder> orders);

 private:
  struct Ring;

  std::size_t send_through_ring(std::span<SendOrder> orders);

  std::unique_ptr<Ring> ring_;
  std::string obstacle_;
};

}  // namespace usher::net
