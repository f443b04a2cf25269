// The keys that TLS session tickets are sealed with (RFC 5077; RFC 8446 section 4.6.1): with the
// same keys a client resumes on another node, after a restart, and after a SIGHUP.
//
// Either they come from files that nodes share: the first key seals, all open. Or this process
// makes one up, another every `rotate_after`, of which the last one still opens.
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

  std::array<std::byte, 16> name;  // travels in the open, so that the key can be found
  std::array<std::byte, 32> hmac;  // HMAC-SHA-256
  std::array<std::byte, 32> aes;   // AES-256-CBC

  // Nothing unless `bytes` are exactly kBytes.
  static std::optional<TlsTicketKey> parse(std::string_view bytes);
};

class TlsTicketKeys {
 public:
  static constexpr std::size_t kFileKeysMax = 16;

  TlsTicketKeys(const Clock& clock, Entropy& entropy,
                Duration rotate_after = std::chrono::hours(12))
      : clock_(clock), entropy_(entropy), rotate_after_(rotate_after) {}

  // From now on these; none: keys of our own, which then begin or go on.
  void use_files(std::vector<TlsTicketKey> keys);

  // What seals now.
  TlsTicketKey sealing();

  struct Opening {
    TlsTicketKey key;
    bool is_sealing;  // false: the client is to get a new ticket
  };
  // Nothing: sealed with a key that is not known (any more).
  std::optional<Opening> opening(std::string_view name);

  // Sixteen unpredictable bytes for a new ticket.
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
