// The hub's answers in the text of the client protocol (wire/protocol_reply.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hub/broker.h"
#include "hub/subscribed.h"

namespace usher::hub {

// Appends `"orders:42":{…}` for `subs` of the connect reply or push; an error as `{"error":{…}}`.
void append_connect_sub(std::string& subs, const JoinedChannel& joined);
std::string connect_subs(const Joined& joined);

// Each appends the reply to the command `id`, or an error reply.
void append_subscribe_reply(std::string& out, std::uint32_t id, const SubscribeOutcome& outcome);
void append_history_reply(std::string& out, std::uint32_t id,
                          const Result<HistoryPage, Error>& page);
void append_presence_reply(std::string& out, std::uint32_t id,
                           const Result<std::vector<ClientInfo>, Error>& clients);
void append_presence_stats_reply(std::string& out, std::uint32_t id,
                                 const Result<PresenceStats, Error>& stats);

}  // namespace usher::hub
