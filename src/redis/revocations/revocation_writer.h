// Writes revocations for all gateways: into Redis, until they expire, and at once to every gateway
// that is connected (revocation_feed.h).
//
// Threads: the shard's. Borrows: its link.
// Limits: entries_max in Redis; expired ones are removed to make room.
#pragma once

#include <string>

#include "base/unique_function.h"
#include "base/wall_clock.h"
#include "redis/link/commands.h"
#include "redis/revocations/revocation.h"

namespace usher::redis {

enum class RevocationTold : std::uint8_t {
  yes,
  full,     // entries_max: nothing was kept
  unknown,  // Redis could not be asked, or did not answer: perhaps kept
};

struct RevocationOptions {
  std::string key_prefix = "usher:";
  std::size_t entries_max = 1'000'000;
};

// The key of the hash of all revocations, and the name of the channel for new ones.
std::string revocations_key(const RevocationOptions& options);

class RevocationWriter {
 public:
  using Handler = UniqueFunction<void(RevocationTold)>;

  RevocationWriter(Commands& commands, RevocationOptions options);

  void write(const Revocation& revocation, WallTime now, Handler done);

 private:
  Commands& commands_;
  const RevocationOptions options_;
  const Script script_;
};

}  // namespace usher::redis
