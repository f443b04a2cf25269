// The header fields by which a user's own backend knows its user: they go with the ticket call, and
// only with it.
//
// Pure: no socket.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace usher::client_net {

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

// Asked before each ticket call. nullopt: there are none now, and the call fails like one without
// an answer. Empty: there are no such credentials.
using Credentials = std::function<std::optional<HeaderFields>()>;

// Returns why the fields cannot be sent: a name that is none (RFC 9110 section 5.1), one that the
// client writes itself, a value with a control character, more than 16 KiB. nullopt: they can.
// `with_bearer`: the call has a token, so that Authorization is the client's too.
std::optional<std::string> fault_of(const HeaderFields& fields, bool with_bearer);

// Throws std::invalid_argument unless `url` is https or wss, or names this machine.
void check_credentials_url(const std::string& url);

}  // namespace usher::client_net
