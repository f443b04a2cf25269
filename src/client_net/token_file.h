// A guest's token on disk, so that a guest stays the same guest over restarts, and is shared by
// processes.
//
// Mode 0600, replaced atomically: a reader sees the old file or the new one. A file that others may
// read or write, that is not ours, or that says something else than we write, counts as absent
// (fail closed).
//
// Threads: none of its own. Blocks for a small file's time.
#pragma once

#include <optional>
#include <string>

#include "client/protocol.h"

namespace usher::client_net {

struct StoredToken {
  std::string token;
  client::Instant obtained_at;
  client::Millis life;

  // Not yet half of its life is over: good without asking. A clock that was set back counts as the
  // second half.
  bool is_young(client::Instant now) const {
    return now >= obtained_at && now - obtained_at < life / 2;
  }
  bool is_valid(client::Instant now) const { return now - obtained_at < life; }
};

class TokenFile {
 public:
  // `path` empty: nothing is stored, load() finds nothing. `url` is the gateway's: tokens of
  // another one are not found.
  TokenFile(std::string path, std::string url) : path_(std::move(path)), url_(std::move(url)) {}

  std::optional<StoredToken> load() const;

  // False: it could not be written; errno says why.
  bool save(const StoredToken& stored) const;

  // Removes the file if it still holds `token`: another process may have put a newer one there.
  void remove(std::string_view token) const;

 private:
  const std::string path_;
  const std::string url_;
};

}  // namespace usher::client_net
