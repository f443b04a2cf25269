// The value that a source has for a key, and its conversion to the key's type.
//
// A TOML value has a kind. Environment and flags hold bare text, which every kind of key reads in
// the same spelling ("30s", "true", "a,b").
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace usher::config {

struct Value {
  // `table` is an empty table; other tables are sections, not values.
  enum class Kind : std::uint8_t { bare, boolean, integer, string, list, table, other };
  Kind kind = Kind::bare;
  std::string text;                // of bare, boolean, integer and string
  std::vector<std::string> items;  // of list
};

// The range of a number. Durations count in ticks of Duration.
struct Range {
  std::int64_t min = 0;
  std::int64_t max = std::numeric_limits<std::int64_t>::max();
  bool is_size = false;        // in bytes: "64KiB", "1MiB" and "1GiB" are accepted too
  bool whole_seconds = false;  // of durations
};

Range between(std::int64_t min, std::int64_t max);
Range bytes_between(std::int64_t min, std::int64_t max);
Range between(Duration min, Duration max);
Range seconds_between(Duration min, Duration max);  // whole seconds

// The kinds of key: bool, std::string, std::vector<std::string>, an optional one of these,
// std::uint64_t, Duration, limits::RateLimit, and the enums EngineType, Unconfigured,
// LogLevel, LogFormat, hub::Audience, hub::Onlookers, hub::RecoveryMode, hub::Unrecoverable,
// doors::Who, Identities, and FileMode.
template <class T>
struct Codec {
  // Returns nullopt if the value is not of that kind.
  static std::optional<T> read(const Value& value, const Range& range);

  // Returns the value as TOML writes it; `unset` for an optional without a value.
  static std::string write(const T& value);

  // Returns words that follow "must be", and that the documentation shows:
  // `a duration like "30s", 1s to 10m`.
  static std::string kind(const Range& range);
};

}  // namespace usher::config
