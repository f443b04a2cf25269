#include "net/flusher.h"

#include "net/connection.h"

namespace usher::net {

void Flusher::flush(FlushList& connections) {
  const bool in_batches =
      sender_.way() == BatchSender::Way::io_uring && connections.size() >= BatchSender::kBatchMin;
  while (Connection* const connection = connections.take()) {
    in_batches ? take(*connection) : connection->flush();
  }
  send_batch();
  for (Connection* const connection : alone_) connection->flush();
  alone_.clear();
}

void Flusher::take(Connection& connection) {
  if (count_ == orders_.size() || !join_buffer_.has_room()) send_batch();
  std::array<iovec, JoinBuffer::kPartsMax> room;
  const std::span<const iovec> parts = connection.gather_for_batch(room);
  const bool is_whole = parts.size() < room.size() && JoinBuffer::joinable(parts) == parts.size();
  if (parts.empty() || !is_whole) return alone_.push_back(&connection);
  senders_[count_] = &connection;
  orders_[count_++] = {.fd = connection.fd(), .bytes = join_buffer_.join(parts)};
}

void Flusher::send_batch() {
  if (count_ == 0) return;
  sender_.send(std::span(orders_).first(count_));
  // Before any frame goes: the buffer knows frames that it has joined by their addresses.
  join_buffer_.clear();
  for (std::size_t i = 0; i < count_; ++i) {
    senders_[i]->finish_flush(orders_[i].result, orders_[i].bytes.size());
  }
  count_ = 0;
}

}  // namespace usher::net
