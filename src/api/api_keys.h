// The keys that let backends in to the server API.
//
// Several are accepted at once, so that one can be rotated: add the new one, SIGHUP, move the
// backends, remove the old one, SIGHUP. Only SHA-256 digests are kept.
//
// Threads: immutable; shared.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace usher::api {

enum class ApiKeysError : std::uint8_t { no_key, too_many };

class ApiKeys {
 public:
  static constexpr std::size_t kKeysMax = 16;

  // One key a line, white space around it ignored; empty lines and lines that begin with '#' are
  // skipped.
  static Result<ApiKeys, ApiKeysError> parse(std::string_view text);

  // Takes the same time for every key of the same length, right or wrong.
  bool accept(std::string_view key) const;

  // Bytes of the shortest key, so that main can warn about one that can be guessed.
  std::size_t shortest_bytes() const { return shortest_bytes_; }

 private:
  ApiKeys() = default;

  std::vector<Sha256> digests_;
  std::size_t shortest_bytes_ = 0;
};

}  // namespace usher::api
