// What the server API answers: results as JSON objects in Centrifugo's shapes, and errors.
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api_request.h"
#include "hub/broker.h"

namespace usher::gateway {

std::string to_json(const hub::Position& position);  // `{"offset":7,"epoch":"qFhv"}`, or `{}`
std::string to_json(const hub::HistoryPage& page);
std::string to_json(const std::vector<hub::ClientInfo>& clients);  // presence
std::string to_json(const hub::PresenceStats& stats);

// Those whose name matches `pattern`, if there is one.
std::string channels_to_json(const hub::CommandAnswer& answer,
                             const std::optional<ChannelPattern>& pattern);

struct NodeDescription {
  std::string uid;
  std::string version;
};
std::string info_to_json(const std::vector<hub::NodeReport>& nodes);

// `{"code":107,"message":"bad request","detail":"…"}`
std::string to_json(const ApiError& error);

// With `X-Centrifugo-Error-Mode: transport`.
int transport_status(hub::Error error);

}  // namespace usher::gateway
