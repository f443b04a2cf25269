#include "bench/load/redis_line.h"

#include <utility>

#include "redis/link/command.h"
#include "redis/link/handshake.h"

namespace usher::bench {

RedisLine::RedisLine(Loop& loop, RedisTarget target, OnInfo on_info)
    : stream_(loop, *this), target_(std::move(target)), on_info_(std::move(on_info)) {}

void RedisLine::ask_info() {
  if (is_asking_) return;
  is_asking_ = true;
  std::string request;
  if (!stream_.is_open()) {
    reader_.emplace();
    greetings_left_ = redis::write_credentials(request, target_.who);
    stream_.open(target_.address, 0);
  }
  redis::write_command(request, {"INFO"});
  stream_.write(request);
}

void RedisLine::on_bytes(std::span<char> bytes) {
  if (!reader_->feed({bytes.data(), bytes.size()})) return fail("what answers is no Redis");
  while (const auto reply = reader_->next()) {
    take(*reply);
    if (!stream_.is_open()) return;
  }
}

void RedisLine::take(const redis::Reply& reply) {
  // Its first word alone: a server that does not know AUTH repeats the password.
  if (reply.is_error()) {
    return fail((greetings_left_ > 0 ? "it refused AUTH or SELECT: " : "it refused INFO: ") +
                std::string(reply.error_code()));
  }
  if (greetings_left_ > 0) {
    --greetings_left_;
    return;
  }
  is_asking_ = false;
  failure_.clear();
  on_info_(reply.text);
}

void RedisLine::on_lost(std::string_view why) { fail(why); }

void RedisLine::fail(std::string_view why) {
  stream_.close();
  is_asking_ = false;
  failure_ = "Redis at " + target_.who.for_log() + ": " + std::string(why);
}

}  // namespace usher::bench
