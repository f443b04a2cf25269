// A loop that runs links, and functions that wait for their answers.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <optional>
#include <stdexcept>

#include "base/system.h"
#include "redis/link/dialer.h"
#include "redis/link/link.h"
#include "redis/link/url.h"
#include "support/recording_log.h"
#include "support/redis_server.h"

namespace usher::test {

struct RedisLoop {
  boost::asio::io_context io;
  SystemClock clock;
  SystemEntropy entropy;
  RecordingLog log;
  redis::Health health{log, "commands"};

  redis::Dependencies dependencies() {
    return {.io = io, .clock = clock, .entropy = entropy, .health = health};
  }

  // Runs the loop until `holds` returns true. Returns false after ten seconds.
  bool run_until(const std::function<bool()>& holds) {
    const TimePoint deadline = clock.now() + std::chrono::seconds(10);
    while (!holds()) {
      if (clock.now() > deadline) return false;
      io.restart();
      io.run_one_for(std::chrono::milliseconds(10));
    }
    return true;
  }

  Duration time_until(const std::function<bool()>& holds) {
    const TimePoint begin = clock.now();
    if (!run_until(holds)) throw std::runtime_error("it did not come to hold");
    return clock.now() - begin;
  }

  using Answer = Result<redis::Reply, redis::LinkError>;

  Answer call(redis::Commands& link, redis::Commands::Words words) {
    std::optional<Answer> answer;
    link.call(std::move(words), [&](Answer told) { answer = std::move(told); });
    if (!run_until([&] { return answer.has_value(); })) throw std::runtime_error("no answer");
    return *std::move(answer);
  }
  Answer run(redis::Commands& link, const redis::Script& script, redis::Commands::Words keys,
             redis::Commands::Words arguments) {
    std::optional<Answer> answer;
    link.run(script, std::move(keys), std::move(arguments),
             [&](Answer told) { answer = std::move(told); });
    if (!run_until([&] { return answer.has_value(); })) throw std::runtime_error("no answer");
    return *std::move(answer);
  }
};

inline redis::Destination destination(const std::string& url) {
  return {.address = *redis::parse_url(url)};
}

}  // namespace usher::test
