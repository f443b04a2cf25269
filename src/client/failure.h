// Hard, soft, or worth another attempt at once: what a failed call or a closed connection means for
// the client.
//
// A proxy in between may answer anything; only usher's own words stop a client.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usher::client {

// A token or ticket call that has failed.
struct HttpFailure {
  std::optional<int> status{};               // nullopt: no HTTP answer came (network, DNS, TLS)
  std::string code{};                        // of the problem body; empty: none came
  std::optional<std::string> retry_after{};  // the header's raw text
  std::optional<double> retry_after_ms{};    // of the problem body; wins over the header
  bool place = false;  // the delay is a place in a queue (contract section 1.2)
};

enum class HttpVerdict {
  hard,     // stop, and say so once
  soft,     // back off, then try again
  refresh,  // ask again at once, with a fresh token
};

// `refreshable`: the token may come from storage, and this attempt has not replaced it yet.
HttpVerdict classify_http(const HttpFailure& failure, bool refreshable);

enum class CloseVerdict {
  hard,        // stop, and say so once
  soft,        // back off, then try again
  new_ticket,  // only the ticket was at fault: try again with a new one
};

// `connected`: the connect push had come. `ticket_is_old`: its life was over, as far as the client
// knows (it may have slept between ticket and socket).
CloseVerdict classify_close(std::uint16_t code, std::string_view reason, bool connected,
                            bool ticket_is_old);

// Whether the other clients of the node may have lost their connections, too. If not, the close
// was about this connection alone.
bool loses_node(std::uint16_t close_code);

}  // namespace usher::client
