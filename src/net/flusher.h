// Writes what connections have to say at the end of a turn of the loop: everything for one socket
// in one write, and the writes of many sockets in one system call (batch_sender.h).
//
// No code of a session runs here. What follows from a write (a socket that has failed, an answer
// that has left and makes room for the next request) is put by for a turn of the connection's own.
// So nothing changes an outbox between its being gathered and sent.
//
// Threads: belongs to one shard.
#pragma once

#include <array>
#include <vector>

#include "net/batch_sender.h"
#include "net/join_buffer.h"
#include "net/turn_list.h"

namespace usher::net {

class Flusher {
 public:
  explicit Flusher(BatchSender::Way wanted) : sender_(wanted) {}

  // Takes all that are in the list.
  void flush(FlushList& connections);

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
  std::vector<Connection*> alone_;  // connections that can't be in a batch
};

}  // namespace usher::net
