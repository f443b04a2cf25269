// The settings of a fan-out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace usher::bench {

enum class PublishBy : std::uint8_t {
  api,         // POST /api/publish with a key, as backends do; several lines when several are due
  web_socket,  // a client: the `publish` command to usher, the message itself to other servers
  http,        // POST of the message itself, to servers that accept it
};

struct FanoutOptions {
  std::size_t subscribers = 1'000;
  std::size_t messages = 1'000;
  std::size_t warm_up = 0;    // the first so many messages are not timed
  std::size_t bytes = 128;    // of one message, a JSON string, quotes included
  std::size_t in_flight = 1;  // messages under way at a time, if `per_second` is 0
  double per_second = 0;      // publishes at this rate, whatever has arrived
  std::string channel = "bench:all";
  PublishBy publish_by = PublishBy::api;
  std::string publish_path;  // the publisher's, if not the subscribers'
  std::string api_key;
};

}  // namespace usher::bench
