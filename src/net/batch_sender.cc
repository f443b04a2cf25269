#include "net/batch_sender.h"

#include <liburing.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "net/fd.h"

namespace usher::net {
namespace {

constexpr int kSendFlags = MSG_NOSIGNAL | MSG_DONTWAIT;

// `count` is the result of send(2), or the negative error.
IoResult result_of(ssize_t count) {
  if (count >= 0) return {IoStatus::done, static_cast<std::size_t>(count)};
  return {count == -EAGAIN ? IoStatus::want_write : IoStatus::failed};
}

// Stores the result of each completed order. Returns how many were complete.
std::size_t reap(io_uring& ring) {
  unsigned head = 0;
  unsigned count = 0;
  io_uring_cqe* completion = nullptr;
  io_uring_for_each_cqe(&ring, head, completion) {
    auto& order = *static_cast<SendOrder*>(io_uring_cqe_get_data(completion));
    const bool interrupted = completion->res == -EINTR;
    order.result = interrupted ? send_bytes(order.fd, order.bytes) : result_of(completion->res);
    ++count;
  }
  io_uring_cq_advance(&ring, count);
  return count;
}

// Returns whether a send that finds no room in the socket completes at once. It must: otherwise one
// slow reader would stop all others. Kernels that do not know the operation fail here, too.
bool gives_up_at_once(io_uring& ring) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
  const Fd full(ends[0]);
  const Fd reader(ends[1]);
  const std::array<char, 4096> bytes{};
  while (send_bytes(full.get(), bytes).status == IoStatus::done) {
  }
  io_uring_prep_send(io_uring_get_sqe(&ring), full.get(), bytes.data(), bytes.size(), kSendFlags);
  io_uring_cqe* completion = nullptr;
  if (io_uring_submit(&ring) != 1 || io_uring_peek_cqe(&ring, &completion) != 0) return false;
  const bool gave_up = completion->res == -EAGAIN;
  io_uring_cqe_seen(&ring, completion);
  return gave_up;
}

}  // namespace

IoResult send_bytes(int fd, std::span<const char> bytes) {
  while (true) {
    const ssize_t count = ::send(fd, bytes.data(), bytes.size(), kSendFlags);
    if (count >= 0 || errno != EINTR) return result_of(count >= 0 ? count : -errno);
  }
}

struct BatchSender::Ring {
  Ring() : error(io_uring_queue_init(kBatchMax, &ring, 0)) {}
  ~Ring() {
    if (error == 0) io_uring_queue_exit(&ring);
  }

  io_uring ring{};
  const int error;
};

BatchSender::BatchSender(Way wanted) {
  if (wanted != Way::io_uring) return;
  auto opened = std::make_unique<Ring>();
  if (opened->error != 0) {
    obstacle_ = std::strerror(-opened->error);
  } else if (!gives_up_at_once(opened->ring)) {
    obstacle_ = "a send without waiting did not work";
  } else {
    ring_ = std::move(opened);
  }
}

BatchSender::~BatchSender() = default;

BatchSender::Way BatchSender::way() const {
  return ring_ != nullptr ? Way::io_uring : Way::one_by_one;
}

void BatchSender::send(std::span<SendOrder> orders) {
  const std::size_t done = ring_ != nullptr ? send_through_ring(orders) : 0;
  if (done < orders.size()) ring_.reset();  // a ring that has failed once is not used again
  for (SendOrder& order : orders.subspan(done)) order.result = send_bytes(order.fd, order.bytes);
}

// Returns how many orders the kernel has taken, from the first on; those are complete. If they are
// not all, the ring takes no more.
std::size_t BatchSender::send_through_ring(std::span<SendOrder> orders) {
  USHER_CHECK(orders.size() <= kBatchMax);
  io_uring& ring = ring_->ring;
  for (SendOrder& order : orders) {
    io_uring_sqe* const entry = io_uring_get_sqe(&ring);
    USHER_CHECK(entry != nullptr);
    io_uring_prep_send(entry, order.fd, order.bytes.data(), order.bytes.size(), kSendFlags);
    io_uring_sqe_set_data(entry, &order);
  }
  std::size_t done = 0;
  std::size_t taken = 0;
  int status = 0;
  while (done < orders.size() && (status >= 0 || done < taken)) {
    const std::size_t wanted = status >= 0 ? orders.size() : taken;
    status = io_uring_submit_and_wait(&ring, static_cast<unsigned>(wanted - done));
    if (status == -EINTR) status = 0;
    taken = orders.size() - io_uring_sq_ready(&ring);
    done += reap(ring);
  }
  if (done < orders.size()) obstacle_ = std::strerror(-status);
  return done;
}

}  // namespace usher::net
