// The tokens and tickets that this client has held, so that no log line or event shows one.
#pragma once

#include <deque>
#include <string>
#include <string_view>

namespace usher::client {

// Limits: kSecretsMax. Beyond it the oldest is forgotten, which has expired long before.
class Secrets {
 public:
  static constexpr std::size_t kSecretsMax = 256;

  void add(std::string_view secret);

  // Returns `text`, or `***` if it contains a secret.
  std::string mask(std::string_view text) const;

 private:
  std::deque<std::string> known_;  // the oldest first
};

}  // namespace usher::client
