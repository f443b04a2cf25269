// One question to the ticket hook at a time for each credential, and at most one each second: all
// requests with the same credential get the same answer.
//
//     join: starts ──▶ (the caller asks) ──land──▶ known, until a second after the start ──▶ forgotten
//     join: waits  ──────────────────────land──▶ told
//     join: known  ──▶ the answer
//
// The table is the node's, because a browser's requests reach any shard. It holds keyed hashes of
// credentials, never the credentials.
//
// Threads: any; one short lock. Waiters are called without it, on the thread that calls land().
// Limits: kWaitersMax for each flight; kKeptBytesMax of answers that are known. The caller must
// bound the flights.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "base/unique_function.h"
#include "ticket/hook_fields.h"
#include "ticket/ticket_hook.h"

namespace usher::hooks {

class TicketFlights {
 public:
  static constexpr std::size_t kWaitersMax = 1024;
  static constexpr std::size_t kKeptBytesMax = 16 << 20;
  static constexpr Duration kKnownFor = std::chrono::seconds(1);  // since the question

  using Key = Sha256;
  using Answer = std::shared_ptr<const ticket::TicketHookAnswer>;
  using Waiter = UniqueFunction<void(const Answer&)>;

  enum class Role : std::uint8_t {
    starts,  // the caller must ask, and call land() once
    waits,   // `waiter` is called by land()
    known,   // `answer` is set; `waiter` is not called
    full,    // too many wait already; `waiter` is not called
  };
  struct Joined {
    Role role;
    Answer answer = nullptr;
  };

  explicit TicketFlights(Entropy& entropy) : secret_(entropy.bytes<32>()) {}

  // Returns the key of everything that the backend is told.
  Key key_of(std::span<const std::pair<std::string, std::string>> fields,
             std::string_view body) const;

  // `waiter` is kept if the role is `starts` or `waits`.
  Joined join(const Key& key, TimePoint now, Waiter waiter);

  // Requires: join() has returned `starts` for this key. If `keep`, the answer is known until a
  // second after that.
  void land(const Key& key, Answer answer, bool keep, TimePoint now);

  std::size_t size() const;  // under way and known

 private:
  struct Flight {
    TimePoint began;
    std::vector<Waiter> waiters;
    Answer answer;  // null: under way
  };

  void forget_lapsed(TimePoint now);

  const std::array<std::byte, 32> secret_;
  mutable std::mutex mutex_;
  std::map<Key, Flight> flights_;
  std::multimap<TimePoint, Key> known_;  // when to forget which
  std::size_t kept_bytes_ = 0;
};

}  // namespace usher::hooks
