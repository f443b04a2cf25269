// The first words on a connection, and whether the Redis at its other end will do: who we are,
// which database, and that this is a master which is ready.
//
// Pure: request() leaves in one write, judge() looks at its answers. Nothing else is sent before.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "redis/link/reply.h"
#include "redis/link/url.h"

namespace usher::redis {

// One life of one Redis.
struct Server {
  std::string run_id;          // another one after each restart
  std::string replication_id;  // another one after each promotion
  std::string version;
};

enum class HandshakeError : std::uint8_t {
  authentication_refused,
  database_refused,
  not_ready,     // still loading, or a replica that lost its master
  info_refused,  // no permission for INFO
  not_redis,     // INFO does not tell what a Redis tells
  replica,
  password_wanted,
  no_password_set,  // on its side
  sentinel,
  cluster,
};

struct HandshakeFailure {
  HandshakeError error;
  std::string said;  // Redis' own words, where they can't hold a secret; else empty
};

std::string to_string(const HandshakeFailure& failure);

class Handshake {
 public:
  explicit Handshake(const Address& address);

  const std::string& request() const { return request_; }
  std::size_t replies() const { return replies_; }

  // Requires replies() of them.
  Result<Server, HandshakeFailure> judge(std::span<const Reply> replies) const;

 private:
  std::string request_;
  std::size_t replies_ = 0;
  bool authenticates_ = false;
  bool selects_ = false;
};

// AUTH and SELECT, as far as the address asks for them; returns how many commands that is.
std::size_t write_credentials(std::string& out, const Address& address);

}  // namespace usher::redis
