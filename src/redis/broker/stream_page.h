// A part of a channel's stream, as the script `page` is asked for it and answers
// (broker_scripts.h).
//
// Threads: none. Plain functions.
#pragma once

#include <optional>
#include <string>

#include "base/entropy.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "redis/link/commands.h"
#include "redis/link/names.h"

namespace usher::redis {

// What every script that touches a stream's position is told first: run_id, new epoch, position
// ttl. The position outlives all that is kept, by `position_ttl`.
Commands::Words position_arguments(std::string_view run_id, const hub::NamespaceOptions& options,
                                   Duration position_ttl, Entropy& entropy);

std::string milliseconds(Duration duration);

Commands::Words page_keys(const Names& names, std::string_view channel);
void add_page_arguments(Commands::Words& arguments, const hub::NamespaceOptions& options,
                        const hub::HistoryQuery& query);

struct StreamPage {
  hub::HistoryPage page;
  std::optional<hub::Owner> owner;
  bool readable = true;  // false: an entry is not ours, or of another version; there are no
                         // publications then
};

// Nothing: not what `page` answers.
std::optional<StreamPage> parse_page(const Reply& reply);

// What both publishing scripts answer.
std::optional<hub::Position> parse_position(const Reply& reply);

}  // namespace usher::redis
