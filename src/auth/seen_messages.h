// The messages of identity providers that have been carried out, or are being, so that none counts
// twice.
//
// Each gateway has its own: a message that is repeated on another one revokes what is revoked
// already, and nothing that came after it (NamedByProvider::revoked_at). For the same reason the
// table forgets the message that ends first if it is full: a logout is never refused for want of
// room.
//
// Threads: any. Limits: entries_max, about 80 bytes each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/entropy.h"
#include "base/sip_hash.h"

namespace usher::auth {

class SeenMessages {
 public:
  // Borrows `entropy` only during the call. Requires: entries_max > 0.
  explicit SeenMessages(Entropy& entropy, std::size_t entries_max = 100'000);
  ~SeenMessages();

  enum class Seen : std::uint8_t {
    first,      // it was not known; it is under way now
    under_way,  // it is being carried out, and that may fail still
    done,
  };

  // Keeps the message until `until`. Unix seconds. After `first` the caller must call done() or
  // forget().
  Seen add(std::string_view id, std::int64_t until, std::int64_t now);
  void done(std::string_view id);
  // The message could not be carried out: it may come again.
  void forget(std::string_view id);

  std::size_t size() const;

 private:
  struct Table;

  const std::size_t entries_max_;
  const SipKey key_;
  std::unique_ptr<Table> table_;
};

}  // namespace usher::auth
