#include "ticket/memory_ticket_store.h"

#include <algorithm>
#include <bit>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/sequenced_index.hpp>
#include <boost/multi_index_container.hpp>
#include <cstring>
#include <mutex>
#include <vector>

#include "base/check.h"
#include "ticket/tombstones.h"

namespace usher::ticket {
namespace {

namespace mi = boost::multi_index;

struct Live {
  TicketHash hash;
  TimePoint issued_at;
  TimePoint expires_at;
  std::size_t bytes;
  std::uint64_t payer;
  mutable Grant grant;  // moved out at the end; not part of any index
};

// The hash is uniform, and of our own tickets: no caller can make these collide.
struct HashBits {
  std::size_t operator()(const TicketHash& hash) const {
    std::size_t bits;
    std::memcpy(&bits, hash.bytes.data() + 8, sizeof bits);
    return bits;
  }
};

using LiveTickets = mi::multi_index_container<
    Live, mi::indexed_by<mi::sequenced<>,
                         mi::hashed_unique<mi::member<Live, TicketHash, &Live::hash>, HashBits>>>;

// Entries that one call drops from one stripe at most, so that no call takes long.
constexpr std::size_t kBatch = 256;

std::size_t heap_bytes(const std::string& text) {
  constexpr std::size_t kInside = 15;
  return text.capacity() <= kInside ? 0 : text.capacity() + 1;
}

// What a live ticket costs: its node with links and allocator's overhead, and all that hangs off
// it.
std::size_t memory_bytes(const Grant& grant) {
  std::size_t bytes = sizeof(Live) + 5 * sizeof(void*) + 16;
  for (const auto* text : {&grant.session, &grant.user, &grant.jti, &grant.subs, &grant.info,
                           &grant.sid, &grant.claims}) {
    bytes += heap_bytes(*text);
  }
  if (grant.origin) bytes += heap_bytes(*grant.origin);
  bytes += grant.channels.capacity() * sizeof(std::string);
  for (const std::string& channel : grant.channels) bytes += heap_bytes(channel);
  return bytes;
}

}  // namespace

struct MemoryTicketStore::Freed {
  struct One {
    std::uint64_t payer;
    std::size_t bytes;
  };
  std::vector<One> tickets;

  void add(const Live& ticket) { tickets.push_back({ticket.payer, ticket.bytes}); }
};

// One cache line apart, so that threads in different stripes do not disturb each other.
struct alignas(64) MemoryTicketStore::Stripe {
  std::mutex mutex;
  LiveTickets live;
  std::optional<Tombstones> tombstones;
  TimePoint blank_until{};  // until then `expired` stands for `unknown`

  auto& by_hash() { return live.get<1>(); }

  void bury(const Live& ticket, bool consumed, TimePoint at) {
    const Tombstone stone(ticket.hash, consumed, at, ticket.expires_at + kTombstoneFor);
    if (const auto lost = tombstones->add(stone)) blank_until = std::max(blank_until, *lost);
  }

  Freed drop_due(TimePoint now) {
    tombstones->forget(now, kBatch);
    Freed freed;
    while (freed.tickets.size() < kBatch && !live.empty() && live.front().expires_at <= now) {
      freed.add(live.front());
      bury(live.front(), /*consumed=*/false, live.front().issued_at);
      live.pop_front();
    }
    if (live.empty() && by_hash().bucket_count() > 2 * kBatch) by_hash().rehash(0);
    return freed;
  }

  Redeemed redeem(const TicketHash& hash, TimePoint now, Freed& freed) {
    if (const auto found = by_hash().find(hash); found != by_hash().end()) {
      freed.add(*found);
      const bool good = now < found->expires_at;
      Grant grant = std::move(found->grant);
      bury(*found, good, good ? now : found->issued_at);
      by_hash().erase(found);
      if (good) return Redeemed::ok(std::move(grant));
    }
    const Tombstone* const stone = tombstones->find(hash);
    if (stone != nullptr && now < stone->forget_at) {
      const Duration age = stone->age(now);
      if (!stone->consumed) return Redeemed::expired(age);
      return stone->ended ? Redeemed::ended(age) : Redeemed::consumed(age);
    }
    return now < blank_until ? Redeemed::expired(std::nullopt) : Redeemed::unknown();
  }
};

MemoryTicketStore::MemoryTicketStore(const Clock& clock, MemoryTicketStoreOptions options)
    : clock_(clock),
      options_(options),
      stripes_(std::make_unique<Stripe[]>(options.stripes)),
      shares_(options.shares),
      live_max_(options.live_max),
      live_bytes_max_(options.live_bytes_max) {
  USHER_CHECK(std::has_single_bit(options.stripes));
  const TimePoint born = clock.now();
  for (Stripe& stripe : std::span(stripes_.get(), options.stripes)) {
    stripe.tombstones.emplace(std::max<std::size_t>(1, options.tombstones_max / options.stripes));
    stripe.blank_until = born + options.forgetful_for;
  }
}

MemoryTicketStore::~MemoryTicketStore() = default;

void MemoryTicketStore::set_limits(std::size_t live_max, std::size_t live_bytes_max,
                                   std::size_t free_parts) {
  live_max_ = live_max;
  live_bytes_max_ = live_bytes_max;
  shares_.set_free_parts(free_parts);
}

void MemoryTicketStore::put(const TicketHash& hash, Grant grant, Duration ttl, PutHandler done) {
  done(put_now(hash, std::move(grant), ttl));
}

void MemoryTicketStore::redeem(const TicketHash& hash, RedeemHandler done) {
  done(redeem_now(hash));
}

void MemoryTicketStore::connection_ended(const TicketHash& hash) {
  Stripe& stripe = stripe_of(hash);
  const std::lock_guard lock(stripe.mutex);
  if (Tombstone* const stone = stripe.tombstones->find(hash)) stone->ended = stone->consumed;
}

void MemoryTicketStore::sweep() {
  for (std::size_t i = 0; i < options_.stripes; ++i) sweep_next();
}

MemoryTicketStore::Usage MemoryTicketStore::usage() const {
  Usage usage{live_.load(), live_bytes_.load(), 0};
  for (Stripe& stripe : std::span(stripes_.get(), options_.stripes)) {
    const std::lock_guard lock(stripe.mutex);
    usage.tombstones += stripe.tombstones->size();
  }
  return usage;
}

MemoryTicketStore::Stripe& MemoryTicketStore::stripe_of(const TicketHash& hash) const {
  std::size_t bits;
  std::memcpy(&bits, hash.bytes.data(), sizeof bits);
  return stripes_[bits & (options_.stripes - 1)];
}

// Counts the ticket in before it is stored, so that threads can't pass the bounds together.
bool MemoryTicketStore::reserve(std::uint64_t payer, std::size_t bytes) {
  const std::size_t tickets = live_.fetch_add(1) + 1;
  const std::size_t all_bytes = live_bytes_.fetch_add(bytes) + bytes;
  const std::size_t tickets_max = live_max_;
  const std::size_t bytes_max = live_bytes_max_;
  if (tickets <= tickets_max && all_bytes <= bytes_max &&
      shares_.take(payer, bytes, tickets_max - tickets, bytes_max - all_bytes)) {
    return true;
  }
  release(1, bytes);
  return false;
}

void MemoryTicketStore::release(std::size_t tickets, std::size_t bytes) {
  live_ -= tickets;
  live_bytes_ -= bytes;
}

void MemoryTicketStore::release(const Freed& freed) {
  std::size_t bytes = 0;
  for (const Freed::One& ticket : freed.tickets) {
    bytes += ticket.bytes;
    shares_.give_back(ticket.payer, ticket.bytes);
  }
  release(freed.tickets.size(), bytes);
}

void MemoryTicketStore::sweep_next() {
  Stripe& stripe = stripes_[next_to_sweep_.fetch_add(1) & (options_.stripes - 1)];
  Freed freed;
  {
    const std::lock_guard lock(stripe.mutex);
    freed = stripe.drop_due(clock_.now());
  }
  release(freed);
}

Result<void, PutError> MemoryTicketStore::put_now(const TicketHash& hash, Grant grant,
                                                  Duration ttl) {
  USHER_CHECK(ttl > Duration::zero());
  sweep_next();
  const std::uint64_t payer = TicketShares::key_of(grant.payer, options_.payer_key);
  grant.payer = {};
  const std::size_t bytes = memory_bytes(grant);
  if (!reserve(payer, bytes)) {
    sweep();
    if (!reserve(payer, bytes)) return PutError::overloaded;
  }
  Stripe& stripe = stripe_of(hash);
  const std::lock_guard lock(stripe.mutex);
  const TimePoint now = clock_.now();
  const auto [at, fresh] =
      stripe.live.push_back(Live{hash, now, now + ttl, bytes, payer, std::move(grant)});
  USHER_CHECK(fresh && stripe.tombstones->find(hash) == nullptr);
  return {};
}

Redeemed MemoryTicketStore::redeem_now(const TicketHash& hash) {
  sweep_next();
  Stripe& stripe = stripe_of(hash);
  Freed freed;
  Redeemed redeemed;
  {
    const std::lock_guard lock(stripe.mutex);
    const TimePoint now = clock_.now();
    redeemed = stripe.redeem(hash, now, freed);
  }
  release(freed);
  return redeemed;
}

}  // namespace usher::ticket
