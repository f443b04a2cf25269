// A ClientSession in virtual time, with the fixed draw r = 0.5 and shorthands for the most frequent
// steps of tests.
#pragma once

#include <string>
#include <vector>

#include <boost/json/parse.hpp>

#include "client/client_session.h"

namespace usher::test {

class SessionDriver {
 public:
  explicit SessionDriver(std::string url = "https://gw.example")
      : session({.url = std::move(url)}, [this] {
          ++draws;
          return 0.5;
        }) {}

  client::Output handle(client::Input input) { return session.handle(input, now); }

  client::Output frame(client::Attempt attempt, std::string_view text) {
    return handle(client::Frame{attempt, boost::json::parse(text)});
  }

  // Takes a waiting or fresh session to the socket stage of `attempt`.
  void walk_to_socket(client::Attempt attempt, bool cached = false) {
    handle(client::TokenReady{attempt, "token-secret", cached});
    handle(client::TicketReady{attempt, "ticket-secret", std::chrono::seconds(30)});
  }

  // Takes the session from disconnected to connected. `push` is the `connect` member's text.
  client::Output walk_to_connected(std::string_view push = R"({"ping":25,"pong":true})") {
    handle(client::Connect{});
    walk_to_socket(1);
    return frame(1, R"({"push":{"connect":)" + std::string(push) + "}}");
  }

  void advance(client::Millis by) { now += by; }

  client::Instant now{};
  int draws = 0;
  client::ClientSession session;
};

// Returns the effects of one kind, in order.
template <class E>
std::vector<E> effects_of(const client::Output& output) {
  std::vector<E> found;
  for (const auto& effect : output.effects) {
    if (const E* one = std::get_if<E>(&effect)) found.push_back(*one);
  }
  return found;
}

template <class E>
std::vector<E> events_of(const client::Output& output) {
  std::vector<E> found;
  for (const auto& event : output.events) {
    if (const E* one = std::get_if<E>(&event)) found.push_back(*one);
  }
  return found;
}

inline std::vector<std::string> texts(const client::Output& output) {
  std::vector<std::string> lines;
  for (const auto& line : output.log) lines.push_back(line.text);
  return lines;
}

}  // namespace usher::test
