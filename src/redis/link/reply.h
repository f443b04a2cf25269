// An answer of Redis: one value of its protocol (RESP2), copied out of the reader.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usher::redis {

struct Reply {
  enum class Kind : std::uint8_t { nil, integer, text, array, error };

  Kind kind = Kind::nil;
  std::int64_t integer = 0;
  std::string text;  // a status or a bulk string (any bytes); an error's first word and sentence
  std::vector<Reply> items;

  bool is_nil() const { return kind == Kind::nil; }
  bool is_error() const { return kind == Kind::error; }
  // Returns the first word of an error ("NOSCRIPT", "OOM", "READONLY", "NOPERM", "WRONGTYPE", …),
  // or nothing if the reply is no error.
  std::string_view error_code() const;

  static Reply nil() { return {}; }
  static Reply of(std::int64_t value) { return {Kind::integer, value, {}, {}}; }
  static Reply of(std::string value) { return {Kind::text, 0, std::move(value), {}}; }
  static Reply of(std::vector<Reply> values) { return {Kind::array, 0, {}, std::move(values)}; }
  static Reply error(std::string value) { return {Kind::error, 0, std::move(value), {}}; }

  friend bool operator==(const Reply&, const Reply&) = default;
};

}  // namespace usher::redis
