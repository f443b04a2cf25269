// Reads replies from a stream of bytes, with hiredis' reader, which is the reference.
//
// Bounded: a peer can make it hold one reply within ReplyLimits, and no more. hiredis limits the
// nesting to 7 arrays.
//
// Threads: none of its own. Owns: the unfinished reply.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "redis/link/reply.h"

struct redisReader;

namespace usher::redis {

struct ReplyLimits {
  std::size_t bytes_max = 64 << 20;    // of one reply, as it is on the wire
  std::size_t values_max = 1'000'000;  // in one reply, nested ones included
};

class ReplyReader {
 public:
  explicit ReplyReader(ReplyLimits limits = {});
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // Takes more bytes from the peer. Returns false if the stream is broken: it is not RESP2, or a
  // reply is over a limit. Nothing can follow then.
  bool feed(std::string_view bytes);

  // Returns the next complete reply, or `nullopt` if more bytes are needed or the stream is broken.
  std::optional<Reply> next();

  bool is_broken() const { return broken_; }

 private:
  struct Building;

  const ReplyLimits limits_;
  std::unique_ptr<Building> building_;
  redisReader* const reader_;
  std::size_t pending_bytes_ = 0;  // of the reply that is not complete yet
  bool broken_ = false;
};

}  // namespace usher::redis
