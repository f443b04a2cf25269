// The revocations of all gateways: all of them at the start, and again whenever messages may have
// been missed; in between, each one when it happens.
//
// It subscribes first, then loads, so that none is missed. Until all are loaded, at the start and
// after each lost link, is_loaded() returns false. Meanwhile the caller must accept no client and
// deliver nothing: a revocation that is not loaded yet may name the session.
//
// Threads: the first shard's; is_loaded() from any. Borrows: its link, the pub/sub.
// Limits: one page of the hash at a time.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "base/wall_clock.h"
#include "redis/link/commands.h"
#include "redis/link/pub_sub.h"
#include "redis/revocations/revocation_writer.h"

namespace usher::redis {

class RevocationFeed {
 public:
  // Called with each revocation that is still valid, possibly more than once. `loaded` is called
  // each time all of them have been applied.
  using Apply = std::function<void(const Revocation&)>;

  RevocationFeed(Commands& commands, PubSub& pub_sub, const WallClock& clock,
                 RevocationOptions options, Apply apply, std::function<void()> loaded);

  // As PubSubListener. on_message() returns whether the message was a revocation's.
  bool on_message(std::string_view channel, std::string_view payload);
  void on_link_lost();
  void on_link_ready();

  // Repeats the steps that have failed. The caller must call it about once a second.
  void tick();

  bool is_loaded() const { return loaded_; }

 private:
  enum class Step : std::uint8_t { behind, subscribing, loading, current };

  void catch_up();
  void subscribe();
  void load(const std::string& cursor);
  void on_page(const Reply& page);
  void apply(const std::optional<Revocation>& revocation);

  Commands& commands_;
  PubSub& pub_sub_;
  const WallClock& clock_;
  const RevocationOptions options_;
  const std::string key_;
  const Apply apply_;
  const std::function<void()> loaded_now_;
  Step step_ = Step::behind;
  bool subscribed_ = false;  // stays over a lost link
  bool link_ready_ = false;
  std::uint64_t round_ = 0;  // of catching up; answers of an older round are ignored
  std::atomic<bool> loaded_ = false;
};

}  // namespace usher::redis
