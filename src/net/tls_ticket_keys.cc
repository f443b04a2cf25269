#include "net/tls_ticket_keys.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace usher::net {
namespace {

TlsTicketKey make_key(Entropy& entropy) {
  return {.name = entropy.bytes<16>(), .hmac = entropy.bytes<32>(), .aes = entropy.bytes<32>()};
}

}  // namespace

std::optional<TlsTicketKey> TlsTicketKey::parse(std::string_view bytes) {
  if (bytes.size() != kBytes) return std::nullopt;
  TlsTicketKey key;
  std::memcpy(key.name.data(), bytes.data(), key.name.size());
  std::memcpy(key.hmac.data(), bytes.data() + 16, key.hmac.size());
  std::memcpy(key.aes.data(), bytes.data() + 48, key.aes.size());
  return key;
}

void TlsTicketKeys::use_files(std::vector<TlsTicketKey> keys) {
  const std::lock_guard lock(mutex_);
  from_files_ = std::move(keys);
}

// The key before the newest opens for one more period, so that a ticket from just before the change
// can still be used.
void TlsTicketKeys::rotate() {
  const TimePoint now = clock_.now();
  if (!made_up_.empty() && now - made_at_ < rotate_after_) return;
  // After a longer pause even the newest key is too old to open tickets.
  if (!made_up_.empty() && now - made_at_ >= 2 * rotate_after_) made_up_.clear();
  made_up_.insert(made_up_.begin(), make_key(entropy_));
  if (made_up_.size() > 2) made_up_.pop_back();
  made_at_ = now;
}

TlsTicketKey TlsTicketKeys::sealing() {
  const std::lock_guard lock(mutex_);
  if (!from_files_.empty()) return from_files_.front();
  rotate();
  return made_up_.front();
}

std::optional<TlsTicketKeys::Opening> TlsTicketKeys::opening(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (from_files_.empty()) rotate();
  const std::vector<TlsTicketKey>& keys = from_files_.empty() ? made_up_ : from_files_;
  const auto found = std::ranges::find_if(keys, [&](const TlsTicketKey& key) {
    return name.size() == key.name.size() &&
           std::memcmp(name.data(), key.name.data(), name.size()) == 0;
  });
  if (found == keys.end()) return std::nullopt;
  return Opening{*found, found == keys.begin()};
}

}  // namespace usher::net
