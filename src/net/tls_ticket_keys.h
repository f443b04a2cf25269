// The keys that seal TLS session tickets (RFC 5077; RFC 8446 section 4.6.1). With the same keys a
// client resumes on another node, after a restart, and after a SIGHUP.
//
// The keys come from files that nodes share: the first key seals, and all open. Without files this
// process makes a key of its own, and a new one every `rotate_after`; the one before still opens.
//
// Threads: shared by all shards.  Borrows: clock and entropy.  Limits: kFileKeysMax keys.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"

namespace usher::net {

// 80 bytes, as nginx's ssl_session_ticket_key has them.
struct TlsTicketKey {
  static constexpr std::size_t kBytes = 80;

  std::array<std::byte, 16> name;  // in the clear in each ticket, so that the key can be found
  std::array<std::byte, 32> hmac;  // HMAC-SHA-256
  std::array<std::byte, 32> aes;   // AES-256-CBC

  // Returns `nullopt` unless `bytes` are exactly kBytes.
  static std::optional<TlsTicketKey> parse(std::string_view bytes);
};

class TlsTicketKeys {
 public:
  static constexpr std::size_t kFileKeysMax = 16;

  TlsTicketKeys(const Clock& clock, Entropy& entropy,
                Duration rotate_after = std::chrono::hours(12))
      : clock_(clock), entropy_(entropy), rotate_after_(rotate_after) {}

  // Uses `keys` from now on. If there are none: this process's own keys, which then begin or go on.
  void use_files(std::vector<TlsTicketKey> keys);

  // Returns the key that seals now.
  TlsTicketKey sealing();

  struct Opening {
    TlsTicketKey key;
    bool is_sealing;  // false: the client gets a new ticket
  };
  // Returns `nullopt` if the ticket's key is not known, or not any more.
  std::optional<Opening> opening(std::string_view name);

  // Fills `iv` with unpredictable bytes for a new ticket.
  void fill_iv(std::span<std::byte> iv) { entropy_.fill(iv); }

 private:
  void rotate();  // requires mutex_

  const Clock& clock_;
  Entropy& entropy_;
  const Duration rotate_after_;
  std::mutex mutex_;
  std::vector<TlsTicketKey> from_files_;  // guarded by mutex_, as all below
  std::vector<TlsTicketKey> made_up_;     // the newest first; at most two
  TimePoint made_at_;
};

}  // namespace usher::net
