// Mints tokens: for guests, for `usher token`, for tests.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/key.h"

namespace usher::auth {

// A claim that is not JSON. The operator's fault, at `usher token`.
struct PayloadError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The claims of a token to be, in the order in which they were first set. Setting a name again
// replaces its value.
class JwtPayload {
 public:
  // Names and texts must be UTF-8, else PayloadError.
  JwtPayload& set(std::string_view name, std::string_view text);
  JwtPayload& set(std::string_view name, std::span<const std::string> texts);
  JwtPayload& set_number(std::string_view name, std::int64_t number);
  JwtPayload& set_flag(std::string_view name, bool value);

  // `json` is one JSON value, else PayloadError. It is signed byte for byte.
  JwtPayload& set_json(std::string_view name, std::string_view json);

  std::string json() const;

 private:
  JwtPayload& put(std::string_view name, std::string json);

  // Names and values, both as JSON text.
  std::vector<std::pair<std::string, std::string>> members_;
};

// Threads: immutable, shared freely.
class JwtSigner {
 public:
  explicit JwtSigner(Key key);  // throws KeyError for a key that can only verify

  std::string sign(const JwtPayload& payload) const;

  // Any header and payload, right or wrong, signed as they are: for tests of the verifier.
  std::string sign_raw(std::string_view header_json, std::string_view payload_json) const;

 private:
  Key key_;
  std::string header_json_;
};

}  // namespace usher::auth
