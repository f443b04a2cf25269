// What the ticket store and the broker ask of Redis. Implemented by Link (link.h), one for each
// shard.
//
// All commands of one turn of the loop leave in one write, in the order of the calls, and are
// answered in that order. Handlers are called exactly once, on the shard's thread, never before
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

// A Lua script: sent whole when a connection first needs it, then by its SHA-1 (and whole again
// where Redis has forgotten it: NOSCRIPT; only then it comes after what was called meanwhile).
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
  // An error that Redis answers is a Reply too.
  using Handler = UniqueFunction<void(Result<Reply, LinkError>)>;
  using Words = std::vector<std::string>;  // a command's name and arguments; any bytes

  virtual ~Commands() = default;

  virtual void call(Words words, Handler done) = 0;
  // `script` must live for as long as the link.
  virtual void run(const Script& script, Words keys, Words arguments, Handler done) = 0;

  // Of the Redis at the other end: another one after each restart and failover. Empty while there
  // is no link. Commands called now go to this one, or fail.
  virtual std::string_view run_id() const = 0;
  // Another one after each promotion of a replica, sometimes without one. Empty as above.
  virtual std::string_view replication_id() const = 0;
  // Counts the connections that came up: never 0 while there is a link, and what is called now
  // leaves on this one or on none.
  virtual std::uint64_t connection() const = 0;
};

}  // namespace usher::redis
