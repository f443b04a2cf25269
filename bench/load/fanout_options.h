// What a fan-out is made of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace usher::bench {

enum class PublishBy : std::uint8_t {
  api,         // POST /api/publish with a key, as backends do; several lines when several are due
  web_socket,  // a client: the `publish` command to a gateway of ours, the message itself to others
  http,        // POST of the message itself, to servers that take it so
};

struct FanoutOptions {
  std::size_t subscribers = 1'000;
  std::size_t messages = 1'000;
  std::size_t warm_up = 0;    // the first of them, whose times do not count
  std::size_t bytes = 128;    // of one message, a JSON string, quotes included
  std::size_t in_flight = 1;  // so many are not yet with all subscribers; or, if not zero:
  double per_second = 0;      // at that rate, whatever has arrived
  std::string channel = "bench:all";
  PublishBy publish_by = PublishBy::api;
  std::string publish_path;  // of the publisher, where it is not the subscribers'
  std::string api_key;
};

}  // namespace usher::bench
