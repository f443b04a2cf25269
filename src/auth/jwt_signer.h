// Signs tokens: for guests, for `usher token`, and for tests.
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

// Thrown when a claim is not valid JSON: an error of the operator in `usher token`.
struct PayloadError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The claims of a new token, in the order in which they were first set. Setting a claim again
// replaces its value.
class JwtPayload {
 public:
  // Throw PayloadError unless names and texts are UTF-8.
  JwtPayload& set(std::string_view name, std::string_view text);
  JwtPayload& set(std::string_view name, std::span<const std::string> texts);
  JwtPayload& set_number(std::string_view name, std::int64_t number);
  JwtPayload& set_flag(std::string_view name, bool value);

  // Throws PayloadError unless `json` is one JSON value. It is signed byte for byte.
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

  // Signs any header and payload as they are, valid or not. For tests of the verifier.
  std::string sign_raw(std::string_view header_json, std::string_view payload_json) const;

 private:
  Key key_;
  std::string header_json_;
};

}  // namespace usher::auth
