// Commands to Redis, for the ticket store and the broker. Implemented by Link (link.h), one for
// each shard.
//
// All commands of one turn of the loop leave in one write, in the order of the calls. Their answers
// come in the same order. Each handler is called exactly once, on the shard's thread, never before
// call() returns.
//
// Threads: the shard's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/unique_function.h"
#include "redis/link/reply.h"

namespace usher::redis {

enum class LinkError : std::uint8_t {
  not_sent,   // no link, or too much in flight: certainly not carried out
  no_answer,  // the link broke, or the command timeout passed: perhaps carried out
};

// A Lua script. The first call on a connection sends its source, later calls send its SHA-1. If
// Redis has forgotten it (NOSCRIPT), the source is sent again. Only in this case is the call
// carried out after calls that were made later.
class Script {
 public:
  explicit Script(std::string source);
  const std::string& source() const { return source_; }
  const std::string& sha1() const { return sha1_; }  // 40 lowercase hex digits

 private:
  std::string source_;
  std::string sha1_;
};

class Commands {
 public:
  // An error reply of Redis is a Reply too.
  using Handler = UniqueFunction<void(Result<Reply, LinkError>)>;
  using Words = std::vector<std::string>;  // a command's name and arguments; any bytes

  virtual ~Commands() = default;

  virtual void call(Words words, Handler done) = 0;
  // `script` must live for as long as the link.
  virtual void run(const Script& script, Words keys, Words arguments, Handler done) = 0;

  // Returns the run_id of the connected Redis: a new one after each restart and failover. Empty
  // while there is no link. A command that is called now goes to this Redis, or fails.
  virtual std::string_view run_id() const = 0;
  // Returns the connected Redis' replication id: a new one after each promotion of a replica, and
  // sometimes without a promotion. Empty while there is no link.
  virtual std::string_view replication_id() const = 0;
  // Returns the number of connections that came up so far: never 0 while there is a link. A command
  // that is called now leaves on this connection, or on none.
  virtual std::uint64_t connection() const = 0;
};

}  // namespace usher::redis
