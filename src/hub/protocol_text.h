// What the hub answers, written as the client protocol has it (wire/protocol_reply.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/broker.h"
#include "hub/subscribed.h"

namespace usher::hub {

// `"orders:42":{…}` for the connect reply's or push's `subs`; an error as `{"error":{…}}`.
void append_connect_sub(std::string& subs, const JoinedChannel& joined);
std::string connect_subs(const Joined& joined);

// Each answers the command `id`, an error included.
void append_subscribe_reply(std::string& out, std::uint32_t id, const SubscribeOutcome& outcome);
void append_history_reply(std::string& out, std::uint32_t id,
                          const Result<HistoryPage, Error>& page);
void append_presence_reply(std::string& out, std::uint32_t id,
                           const Result<std::vector<ClientInfo>, Error>& clients);
void append_presence_stats_reply(std::string& out, std::uint32_t id,
                                 const Result<PresenceStats, Error>& stats);

}  // namespace usher::hub
