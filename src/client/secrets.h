// The tokens and tickets that this client has held, so that none is ever shown.
#pragma once

#include <deque>
#include <string>
#include <string_view>

namespace usher::client {

// Limits: kSecretsMax; beyond it the oldest is forgotten, which by then is long dead.
class Secrets {
 public:
  static constexpr std::size_t kSecretsMax = 256;

  void add(std::string_view secret);

  // `text`, or `***` if it contains one of them.
  std::string mask(std::string_view text) const;

 private:
  std::deque<std::string> known_;  // the oldest first
};

}  // namespace usher::client
