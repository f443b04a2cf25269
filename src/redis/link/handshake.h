// The first commands on a connection (user, password, database), and the check that the server is a
// Redis master that is ready.
//
// Pure: request() leaves in one write, and judge() reads its answers. Nothing is sent before.
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
  std::string run_id;          // a new one after each restart
  std::string replication_id;  // a new one after each promotion
  std::string version;
};

enum class HandshakeError : std::uint8_t {
  authentication_refused,
  database_refused,
  not_ready,     // still loading, or a replica that lost its master
  info_refused,  // no permission for INFO
  not_redis,     // the answer to INFO is not that of a Redis
  replica,
  password_wanted,
  no_password_set,  // on its side
  sentinel,
  cluster,
};

struct HandshakeFailure {
  HandshakeError error;
  std::string said;  // Redis' own message, or empty if it might hold a secret
};

std::string to_string(const HandshakeFailure& failure);

class Handshake {
 public:
  explicit Handshake(const Address& address);

  const std::string& request() const { return request_; }
  std::size_t replies() const { return replies_; }

  // Requires: there are replies() of them.
  Result<Server, HandshakeFailure> judge(std::span<const Reply> replies) const;

 private:
  std::string request_;
  std::size_t replies_ = 0;
  bool authenticates_ = false;
  bool selects_ = false;
};

// Appends AUTH and SELECT, if the address needs them. Returns the number of commands.
std::size_t write_credentials(std::string& out, const Address& address);

}  // namespace usher::redis
