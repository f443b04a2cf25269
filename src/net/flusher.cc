#include "net/flusher.h"

#include "net/accepted_socket.h"

namespace usher::net {

void Flusher::flush(FlushList& sockets) {
  const bool in_batches =
      sender_.way() == BatchSender::Way::io_uring && sockets.size() >= BatchSender::kBatchMin;
  while (AcceptedSocket* const socket = sockets.take()) {
    in_batches ? take(*socket) : socket->flush();
  }
  send_batch();
  for (AcceptedSocket* const socket : alone_) socket->flush();
  alone_.clear();
}

void Flusher::take(AcceptedSocket& socket) {
  if (count_ == orders_.size() || !join_buffer_.has_room()) send_batch();
  std::array<iovec, JoinBuffer::kPartsMax> room;
  const std::span<const iovec> parts = socket.gather_for_batch(room);
  const bool is_whole = parts.size() < room.size() && JoinBuffer::joinable(parts) == parts.size();
  if (parts.empty() || !is_whole) return alone_.push_back(&socket);
  senders_[count_] = &socket;
  orders_[count_++] = {.fd = socket.fd(), .bytes = join_buffer_.join(parts)};
}

void Flusher::send_batch() {
  if (count_ == 0) return;
  sender_.send(std::span(orders_).first(count_));
  // Before any frame is freed: the buffer recognises joined frames by their addresses.
  join_buffer_.clear();
  for (std::size_t i = 0; i < count_; ++i) {
    senders_[i]->finish_flush(orders_[i].result, orders_[i].bytes.size());
  }
  count_ = 0;
}

}  // namespace usher::net
