// The dice behind random scenarios, and the inputs that a session and a desk have in common.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <random>

#include "scenarios/scenario_json.h"

namespace usher::scenarios {

class RandomInputs {
 public:
  explicit RandomInputs(std::uint32_t seed) : dice_(seed) {}

  std::uint64_t below(std::uint64_t bound) { return dice_() % bound; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <std::size_t N>
  const char* any(const char* const (&texts)[N]) {
    return texts[below(N)];
  }

  json::object input(const char* name, json::object fields) {
    json::object in;
    in.emplace(name, std::move(fields));
    return in;
  }

  // The tokens and tickets of all scenarios.
  json::object token(client::Attempt attempt) {
    return input("token", {{"attempt", attempt}, {"token", "TOKEN-SECRET"}, {"cached", one_in(2)}});
  }
  json::object ticket(client::Attempt attempt, int seconds) {
    return input("ticket",
                 {{"attempt", attempt}, {"ticket", "0123456789abcdef"}, {"expires_in", seconds}});
  }
  json::object socket_open(client::Attempt attempt) {
    static const char* const protocols[] = {"usher.accepted", "usher.refused", "chat.v1", ""};
    return input("socket_open", {{"attempt", attempt}, {"protocol", any(protocols)}});
  }

  // A peer repeats a secret only after the client has got it, and so can mask it.
  const char* or_secret(const char* text, bool known, const char* secret) {
    return known && one_in(5) ? secret : text;
  }

  json::object failure(client::Attempt attempt) {
    static constexpr int kStatuses[] = {200, 302, 400, 401, 401, 401, 403,
                                        404, 408, 413, 429, 500, 503};
    static const char* const codes[] = {"INVALID_TOKEN",  "MISSING_SESSION",  "NOT_FOUND",
                                        "ORIGIN_BLOCKED", "a'b\\c\n\xC3\xA9", "other"};
    static const char* const delays[] = {
        "3", " 12 ", "-1", "soon", "Thu, 01 Jan 1970 00:01:00 GMT", "99999999999", "1e3", ""};
    if (one_in(6)) return {{"attempt", attempt}, {"network", true}};
    json::object fields{{"attempt", attempt}, {"status", kStatuses[below(std::size(kStatuses))]}};
    if (!one_in(4)) fields.emplace("code", or_secret(any(codes), token_given, "x TOKEN-SECRET"));
    if (one_in(3)) fields.emplace("retry_after", any(delays));
    if (one_in(4)) fields.emplace("retry_after_ms", static_cast<std::int64_t>(below(20000)) - 2000);
    if (one_in(4)) fields.emplace("place", true);
    return fields;
  }

  json::object socket_closed(client::Attempt attempt) {
    static constexpr int kCodes[] = {1000, 1001, 1006, 1008, 1008, 1011, 1012, 1013,
                                     3005, 3008, 3100, 3100, 3501, 4000, 4500};
    static const char* const reasons[] = {"", "NOT_AUTHORIZED", "ORIGIN_BLOCKED", "it's\t\x7F"};
    return input("socket_closed",
                 {{"attempt", attempt},
                  {"code", kCodes[below(std::size(kCodes))]},
                  {"reason", or_secret(any(reasons), ticket_given, "it's 0123456789abcdef")},
                  {"clean", one_in(2)}});
  }

  // A step of a scenario, whose time becomes `now`: after `pause` the input of `any_input`; or the
  // tick of `due`, if that comes before, or the dice (one in `early`) want it.
  template <class Due, class AnyInput>
  json::object next_step(client::Instant& now, const Due& due, client::Millis pause,
                         std::uint64_t early, AnyInput any_input) {
    const bool is_tick = due && (now + pause >= *due || one_in(early));
    const bool late = is_tick && one_in(4);
    now = is_tick ? std::max(now, *due) + client::Millis(late ? below(4000) : 0) : now + pause;
    json::object step{{"at", now.time_since_epoch().count()},
                      {"in", is_tick ? json::object{{"tick", json::object()}} : any_input()}};
    if (late) step.emplace("late", true);
    return step;
  }

  bool token_given = false;
  bool ticket_given = false;

 private:
  std::mt19937 dice_;
};

}  // namespace usher::scenarios
