#include "support/stepped_redis.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>

#include "base/check.h"
#include "redis/link/command.h"

namespace usher::test {

// --- talk ---

RedisTalk::RedisTalk(const RedisServer& server)
    : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, server.socket_path().c_str(), sizeof address.sun_path - 1);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("can't reach the redis-server");
  }
}

RedisTalk::~RedisTalk() { ::close(fd_); }

void RedisTalk::say(const std::vector<std::string>& words) {
  std::string request;
  redis::write_command(request, words);
  std::string_view rest = request;
  while (!rest.empty()) {
    const ssize_t sent = send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) throw std::runtime_error("the command was not taken");
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
}

redis::Reply RedisTalk::hear() {
  char bytes[16384];
  while (true) {
    if (auto reply = reader_.next()) return std::move(*reply);
    const ssize_t count = recv(fd_, bytes, sizeof bytes, 0);
    if (count <= 0) throw std::runtime_error("no answer");
    reader_.feed({bytes, static_cast<std::size_t>(count)});
  }
}

redis::Reply RedisTalk::ask(const std::vector<std::string>& words) {
  say(words);
  return hear();
}

// --- link ---

void SteppedLink::call(Words words, Handler done) {
  ++commands;
  waiting_.emplace_back(std::move(words), std::move(done));
}

void SteppedLink::run(const redis::Script& script, Words keys, Words arguments, Handler done) {
  // The clock that scripts see is the test's.
  static const std::string kTime = "redis.call('TIME')";
  std::string source = script.source();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(turned_).count();
  if (const auto at = source.find(kTime); at != std::string::npos) {
    source.insert(at + kTime.size(),
                  " time[1] = string.format('%d', time[1] + " + std::to_string(seconds) + ")");
  }
  Words words{"EVAL", std::move(source), std::to_string(keys.size())};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), arguments.begin(), arguments.end());
  call(std::move(words), std::move(done));
}

bool SteppedLink::step() {
  if (waiting_.empty()) return false;
  auto [words, done] = std::move(waiting_.front());
  waiting_.pop_front();
  if (is_up) {
    answers_.emplace_back(talk_.ask(words), std::move(done));
    if (!is_slow) answer();
  } else {
    done(redis::LinkError::not_sent);
  }
  return true;
}

void SteppedLink::answer() {
  is_slow = false;
  for (auto& [reply, done] : std::exchange(answers_, {})) done(std::move(reply));
}

// --- pub/sub ---

void SteppedPubSub::subscribe(std::string_view channel, Handler done) {
  wishes_.push_back({true, std::string(channel), std::move(done)});
}

void SteppedPubSub::unsubscribe(std::string_view channel) {
  wishes_.push_back({false, std::string(channel), {}});
}

void SteppedPubSub::connect() {
  talk_ = std::make_unique<RedisTalk>(server_);
  for (const auto& [channel, yes] : subscribed_) {
    talk_->say({"SUBSCRIBE", channel});
    hear_until("subscribe");
  }
  listener_.on_link_ready();
}

void SteppedPubSub::disconnect() {
  talk_ = nullptr;
  listener_.on_link_lost();
}

bool SteppedPubSub::lose_one() {
  fetch();
  for (auto event = events_.begin(); event != events_.end(); ++event) {
    if (event->done) continue;
    events_.erase(event);
    return true;
  }
  return false;
}

void SteppedPubSub::hear_until(std::string_view kind) {
  while (true) {
    redis::Reply reply = talk_->hear();
    USHER_CHECK(!reply.is_error());
    const std::string what = reply.items.empty() ? reply.text : reply.items.at(0).text;
    if (what == "message") events_.push_back({reply.items[1].text, reply.items[2].text, {}});
    if (what == kind) return;
  }
}

void SteppedPubSub::fetch() {
  if (talk_ == nullptr) return;
  talk_->say({"PING"});
  // While nothing is subscribed it answers as it does to everybody.
  hear_until(subscribed_.empty() ? "PONG" : "pong");
}

bool SteppedPubSub::step() {
  fetch();
  if (!events_.empty()) {
    Event event = std::move(events_.front());
    events_.pop_front();
    if (event.done) {
      event.done({});
    } else {
      listener_.on_message(event.channel, event.payload);
    }
    return true;
  }
  if (wishes_.empty()) return false;
  Wish wish = std::move(wishes_.front());
  wishes_.pop_front();
  if (!wish.subscribe) {
    subscribed_.erase(wish.channel);
    if (talk_ == nullptr) return true;
    talk_->say({"UNSUBSCRIBE", wish.channel});
    hear_until("unsubscribe");
  } else if (talk_ == nullptr) {
    wish.done(redis::LinkError::not_sent);
  } else {
    talk_->say({"SUBSCRIBE", wish.channel});
    hear_until("subscribe");
    subscribed_[wish.channel] = true;
    events_.push_back({{}, {}, std::move(wish.done)});
  }
  return true;
}

// --- the server ---

SteppedRedis::SteppedRedis() : talk_(std::make_unique<RedisTalk>(server_)) {}

void SteppedRedis::advance(Duration by) {
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(by).count();
  turned_ += by;
  for (const redis::Reply& key : talk_->ask({"KEYS", "*"}).items) {
    const std::int64_t left = talk_->ask({"PTTL", key.text}).integer;
    if (left < 0) continue;
    if (left <= milliseconds) {
      talk_->ask({"DEL", key.text});
    } else {
      talk_->ask({"PEXPIRE", key.text, std::to_string(left - milliseconds)});
    }
  }
}

}  // namespace usher::test
