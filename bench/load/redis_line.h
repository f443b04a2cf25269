// One connection to Redis that asks for INFO repeatedly.
//
// It uses the protocol code of redis/, but not its links, which belong to a gateway's loop. No TLS.
//
// Threads: its loop's.  Borrows: the loop.  Limits: redis/link/reply_reader.h.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bench/load/stream.h"
#include "redis/link/reply_reader.h"
#include "redis/link/url.h"

namespace usher::bench {

struct RedisTarget {
  Address address;
  redis::Address who;  // user, password, database
};

class RedisLine final : private Stream::Listener {
 public:
  using OnInfo = std::function<void(std::string_view info)>;

  RedisLine(Loop& loop, RedisTarget target, OnInfo on_info);

  // Asks for INFO, unless an answer is awaited already. The first call opens the connection; a
  // later one opens it again if it was lost.
  void ask_info();

  // Why there is no (further) answer; "" if there is no failure. Never contains a secret.
  const std::string& failure() const { return failure_; }

 private:
  void on_connected() override {}
  void on_bytes(std::span<char> bytes) override;
  void on_lost(std::string_view why) override;
  void take(const redis::Reply& reply);
  void fail(std::string_view why);

  Stream stream_;
  const RedisTarget target_;
  const OnInfo on_info_;
  std::optional<redis::ReplyReader> reader_;  // this connection's
  std::size_t greetings_left_ = 0;            // answers to AUTH and SELECT
  bool is_asking_ = false;
  std::string failure_;
};

}  // namespace usher::bench
