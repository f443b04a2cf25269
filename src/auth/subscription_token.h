// A token for one subscription: what its payload says, in Centrifugo's claims.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace usher::auth {

struct SubscriptionToken {
  std::string user{};     // with the issuer's prefix; empty: for clients that are not logged in
  std::string channel{};  // never empty
  std::string client{};   // for this connection alone; empty: for each of the user's
  std::string info{};     // raw JSON on one line, or empty
  std::string data{};     // likewise
  std::optional<std::int64_t> expire_at{};  // of the subscription, Unix seconds
  friend bool operator==(const SubscriptionToken&, const SubscriptionToken&) = default;
};

}  // namespace usher::auth
