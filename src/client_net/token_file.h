// A guest's token on disk, so that a guest stays the same guest over restarts, and processes can
// share it.
//
// The file has mode 0600 and is replaced atomically: a reader sees the old file or the new one. A
// file that other users may read or write, that belongs to another user, or that is not one of ours
// counts as absent (fail closed).
//
// Threads: none of its own. Blocks as long as it takes to read or write a small file.
#pragma once

#include <optional>
#include <string>

#include "client/protocol.h"

namespace usher::client_net {

struct StoredToken {
  std::string token;
  client::Instant obtained_at;
  client::Millis life;

  // In the first half of its life, in which it needs no renewal. A clock that was set back counts
  // as the second half.
  bool is_young(client::Instant now) const {
    return now >= obtained_at && now - obtained_at < life / 2;
  }
  bool is_valid(client::Instant now) const { return now - obtained_at < life; }
};

class TokenFile {
 public:
  // With an empty `path` nothing is stored, and load() finds nothing. `url` is the gateway's: a
  // token of another gateway is not found.
  TokenFile(std::string path, std::string url) : path_(std::move(path)), url_(std::move(url)) {}

  std::optional<StoredToken> load() const;

  // Returns false if the file could not be written; errno says why.
  bool save(const StoredToken& stored) const;

  // Removes the file if it still holds `token`: another process may have stored a newer one.
  void remove(std::string_view token) const;

 private:
  const std::string path_;
  const std::string url_;
};

}  // namespace usher::client_net
