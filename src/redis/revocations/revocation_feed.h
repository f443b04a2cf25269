// What other gateways have revoked: all of it at the start, and again whenever messages may have
// been missed; in between each as it happens.
//
// Listens first and loads then, so nothing falls in between. Until all is loaded, at the start and
// after each lost link, is_loaded() says no: meanwhile nobody may be let in, and no connection told
// anything, because what is still to be loaded may revoke it.
//
// Threads: the first shard's; is_loaded() from any.  Borrows: its link, the pub/sub.
// Limits: a page of the hash at a time.
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
  // Each that still holds; some again and again. `loaded` is called whenever it is all of them.
  using Apply = std::function<void(const Revocation&)>;

  RevocationFeed(Commands& commands, PubSub& pub_sub, const WallClock& clock,
                 RevocationOptions options, Apply apply, std::function<void()> loaded);

  // As PubSubListener; on_message() says whether the message was for us.
  bool on_message(std::string_view channel, std::string_view payload);
  void on_link_lost();
  void on_link_ready();

  // About once a second: what failed is tried again.
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
  bool subscribed_ = false;  // and so again after each loss
  bool link_ready_ = false;
  std::uint64_t round_ = 0;  // of catching up; answers to an older one are late
  std::atomic<bool> loaded_ = false;
};

}  // namespace usher::redis
