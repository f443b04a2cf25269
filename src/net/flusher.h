// Writes what connections have to say at the end of a turn of the loop: everything for one socket
// in one write, and the writes of many sockets in one system call (batch_sender.h).
//
// A batch has three steps: gather from all, send, tell all. Only the last one runs code of
// sessions, so nothing changes an outbox between its being gathered and sent.
//
// Threads: belongs to one shard.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "net/batch_sender.h"
#include "net/join_buffer.h"

namespace usher::net {

class Connection;

class Flusher {
 public:
  explicit Flusher(BatchSender::Way wanted) : sender_(wanted) {}

  // Each of them at most once. They may not be destroyed meanwhile.
  void flush(std::span<Connection* const> connections);

  const BatchSender& sender() const { return sender_; }

  // For a write outside of a batch.
  JoinBuffer& join_buffer() { return join_buffer_; }

 private:
  void take(Connection& connection);
  void send_batch();

  BatchSender sender_;
  JoinBuffer join_buffer_;
  std::size_t count_ = 0;  // of the batch
  std::array<SendOrder, BatchSender::kBatchMax> orders_;
  std::array<Connection*, BatchSender::kBatchMax> senders_{};
  std::vector<Connection*> rest_;  // who can't be in a batch
};

}  // namespace usher::net
