// Replies out of a stream of bytes, parsed by hiredis' reader, whose parser is the reference.
//
// Bounded: no peer makes us keep more than one reply's worth of ReplyLimits. Nesting ends where
// hiredis ends it (at 7 arrays).
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

  // More bytes from the peer. False: what came is not RESP2, or too much of it. Nothing can follow.
  bool feed(std::string_view bytes);

  // The next complete reply; nothing: more bytes are needed, or the stream is broken.
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
