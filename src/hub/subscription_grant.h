// What a decision about one subscription grants: that of a subscribe hook, of a subscription token,
// or of the server API.
//
// Only data. grant_table.h keeps what must last; holders.h says which rights a grant gives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace usher::hub {

struct SubscriptionGrant {
  enum class By : std::uint8_t {
    hook,     // opens channels of namespaces with Audience::hook
    token,    // opens channels of namespaces with Audience::granted or Audience::token
    backend,  // opens nothing: the server API needs no grant
  };
  By by = By::backend;
  std::string info{};                       // `chan_info`: raw JSON on one line, or empty
  std::string data{};                       // for the subscribe result: likewise
  std::optional<std::int64_t> expire_at{};  // Unix seconds; nothing: the subscription lasts
  bool publish = false;                     // the client may publish on the channel

  friend bool operator==(const SubscriptionGrant&, const SubscriptionGrant&) = default;
};

// Which decisions, other than the rules, are in favour of a client.
struct GrantedBy {
  bool hook = false;
  bool token = false;
};

}  // namespace usher::hub
