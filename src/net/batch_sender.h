// Sends bytes on many sockets, in one system call where the kernel allows it.
//
// A send costs the kernel more than usher's own work for a message, and the system call is a part
// of that cost. io_uring(7) takes hundreds of sends in one call. Sends that must not wait are
// complete when that call returns, so the results are those of send(2). Where there is no io_uring,
// or it is forbidden (kernel.io_uring_disabled, the seccomp filter of most containers), each order
// is one send(2).
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
  // With fewer orders, the ring saves nothing.
  static constexpr std::size_t kBatchMin = 4;

  enum class Way : std::uint8_t { io_uring, one_by_one };

  // If io_uring is wanted and not available, the way is one_by_one: see obstacle().
  explicit BatchSender(Way wanted);
  ~BatchSender();

  Way way() const;
  // Why io_uring is not used although it was wanted; otherwise empty.
  const std::string& obstacle() const { return obstacle_; }

  // Sends as many bytes of each order as its socket takes now. Requires: at most kBatchMax orders,
  // and no socket twice. Keeps no reference to the orders.
  void send(std::span<SendOrder> orders);

 private:
  struct Ring;

  std::size_t send_through_ring(std::span<SendOrder> orders);

  std::unique_ptr<Ring> ring_;
  std::string obstacle_;
};

}  // namespace usher::net
