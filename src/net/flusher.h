// Writes the outboxes of sockets at the end of a turn of the loop: all of one socket's bytes in one
// write, and the writes of many sockets in one system call (batch_sender.h).
//
// No code of a session runs here. The consequences of a write (a socket has failed; an answer has
// left, and the next request may follow) wait for a turn of the connection's own. So no outbox
// changes between gathering and sending.
//
// Threads: belongs to one shard.  Borrows: the buffer in which small frames are joined.
#pragma once

#include <array>
#include <vector>

#include "net/batch_sender.h"
#include "net/join_buffer.h"
#include "net/turn_list.h"

namespace usher::net {

class Flusher {
 public:
  Flusher(BatchSender::Way wanted, JoinBuffer& join_buffer)
      : sender_(wanted), join_buffer_(join_buffer) {}

  // Flushes all sockets in the list, and empties it.
  void flush(FlushList& sockets);

  const BatchSender& sender() const { return sender_; }

 private:
  void take(AcceptedSocket& socket);
  void send_batch();

  BatchSender sender_;
  JoinBuffer& join_buffer_;
  std::size_t count_ = 0;  // of the batch
  std::array<SendOrder, BatchSender::kBatchMax> orders_;
  std::array<AcceptedSocket*, BatchSender::kBatchMax> senders_{};
  std::vector<AcceptedSocket*> alone_;  // sockets that cannot be in a batch
};

}  // namespace usher::net
