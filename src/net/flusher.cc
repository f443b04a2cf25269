#include "net/flusher.h"

#include "net/connection.h"

namespace usher::net {

void Flusher::flush(std::span<Connection* const> connections) {
  if (sender_.way() != BatchSender::Way::io_uring || connections.size() < BatchSender::kBatchMin) {
    for (Connection* const connection : connections) connection->flush();
    return;
  }
  for (Connection* const connection : connections) take(*connection);
  send_batch();
  for (Connection* const connection : rest_) connection->flush();
  rest_.clear();
}

void Flusher::take(Connection& connection) {
  if (count_ == orders_.size() || !join_buffer_.has_room()) send_batch();
  std::array<iovec, JoinBuffer::kPartsMax> room;
  const std::span<const iovec> parts = connection.gather_for_batch(room);
  const bool is_whole = parts.size() < room.size() && JoinBuffer::joinable(parts) == parts.size();
  if (parts.empty() || !is_whole) return rest_.push_back(&connection);
  senders_[count_] = &connection;
  orders_[count_++] = {.fd = connection.fd(), .bytes = join_buffer_.join(parts)};
}

void Flusher::send_batch() {
  const std::span<SendOrder> orders = std::span(orders_).first(count_);
  sender_.send(orders);
  for (std::size_t i = 0; i < count_; ++i) senders_[i]->consume(orders[i].result);
  for (std::size_t i = 0; i < count_; ++i) {
    senders_[i]->finish_flush(orders[i].result, orders[i].bytes.size());
  }
  count_ = 0;
  join_buffer_.clear();
}

}  // namespace usher::net
