// Hard, soft, or worth one fresh token: what a failed token or ticket call means for the client.
//
// A proxy in between may say anything; only usher's own words stop a client. Close codes are judged
// by wire::is_hard().
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace usher::client {

// An HTTP call that did not give what it should.
struct HttpFailure {
  std::optional<int> status{};               // nothing: no HTTP answer came (network, DNS, TLS)
  std::string code{};                        // of the problem body; empty: none came
  std::optional<std::string> retry_after{};  // the header's raw text
  std::optional<double> retry_after_ms{};    // of the problem body; wins over the header
  bool place = false;                        // the delay is a place in a queue
};

enum class HttpVerdict {
  hard,     // stop, say it once
  soft,     // back off, try again
  refresh,  // throw the token away, ask again with a fresh one
};

// `refreshable`: the token may have come from the cache, and this attempt has not replaced it yet.
HttpVerdict classify_http(const HttpFailure& failure, bool refreshable);

// Whether a close may have cost the other clients of the node their connections, too; else it was
// about this one alone.
bool loses_node(std::uint16_t close_code);

}  // namespace usher::client
