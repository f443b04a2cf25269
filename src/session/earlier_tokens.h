// The `jti` (or the `sid`) of each token that a connection held before its present one, for as long
// as that token is good. Revoking any of them closes the connection.
//
// Threads: its session's.
// Limits: tokens_max; beyond it, the token that ends first is forgotten.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace usher::session {

class EarlierTokens {
 public:
  // `good_until` and `now`: Unix seconds.
  void add(std::string_view name, std::int64_t good_until, std::int64_t now,
           std::size_t tokens_max) {
    for (std::size_t i = 0; i < names_.size();) {
      if (good_until_[i] > now && names_[i] != name) {
        ++i;
      } else {
        remove(i);
      }
    }
    if (name.empty() || good_until <= now || tokens_max == 0) return;
    if (names_.size() >= tokens_max) {
      const auto first = std::min_element(good_until_.begin(), good_until_.end());
      remove(static_cast<std::size_t>(first - good_until_.begin()));
    }
    names_.emplace_back(name);
    good_until_.push_back(good_until);
  }

  // Valid until the next add().
  std::span<const std::string> names() const { return names_; }

 private:
  void remove(std::size_t i) {
    names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(i));
    good_until_.erase(good_until_.begin() + static_cast<std::ptrdiff_t>(i));
  }

  std::vector<std::string> names_;
  std::vector<std::int64_t> good_until_;  // of the token at the same index
};

}  // namespace usher::session
