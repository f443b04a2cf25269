#include "ticket/ticket_shares.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "base/bytes.h"

namespace usher::ticket {
namespace {

constexpr std::size_t kStripes = 64;

struct Held {
  std::size_t tickets = 0;
  std::size_t bytes = 0;
};

}  // namespace

struct alignas(64) TicketShares::Stripe {
  std::mutex mutex;
  std::unordered_map<std::uint64_t, Held> held;
};

TicketShares::TicketShares(TicketShareRules rules)
    : rules_(rules),
      free_parts_(rules.free_parts),
      stripes_(std::make_unique<Stripe[]>(kStripes)) {}

TicketShares::~TicketShares() = default;

std::uint64_t TicketShares::key_of(std::string_view payer) {
  if (payer.empty()) return 0;
  const Sha256 digest = sha256(payer);
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < sizeof key; ++i) {
    key = key << 8 | std::to_integer<std::uint64_t>(std::byte(digest[i]));
  }
  return std::max<std::uint64_t>(key, 1);
}

std::uint64_t TicketShares::key_of(std::string_view payer, const SipKey& key) {
  return payer.empty() ? 0 : std::max<std::uint64_t>(sip_hash(key, payer), 1);
}

TicketShares::Stripe& TicketShares::stripe_of(std::uint64_t payer) const {
  return stripes_[payer % kStripes];
}

bool TicketShares::take(std::uint64_t payer, std::size_t bytes, std::size_t tickets_free,
                        std::size_t bytes_free) {
  if (payer == 0) return true;
  Stripe& stripe = stripe_of(payer);
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.held.find(payer);
  Held held = found == stripe.held.end() ? Held{} : found->second;
  held.tickets += 1;
  held.bytes += bytes;
  TicketShareRules rules = rules_;
  rules.free_parts = free_parts_;
  if (!is_within_share(rules, held.tickets, rules_.tickets_min, tickets_free) ||
      !is_within_share(rules, held.bytes, rules_.bytes_min, bytes_free)) {
    return false;
  }
  stripe.held.insert_or_assign(payer, held);
  return true;
}

void TicketShares::give_back(std::uint64_t payer, std::size_t bytes) {
  if (payer == 0) return;
  Stripe& stripe = stripe_of(payer);
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.held.find(payer);
  if (found == stripe.held.end()) return;
  found->second.tickets -= 1;
  found->second.bytes -= bytes;
  if (found->second.tickets == 0) stripe.held.erase(found);
}

std::size_t TicketShares::payers() const {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kStripes; ++i) {
    const std::lock_guard lock(stripes_[i].mutex);
    count += stripes_[i].held.size();
  }
  return count;
}

}  // namespace usher::ticket
