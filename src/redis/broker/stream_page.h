// A part of a channel's stream: the arguments of the script `page`, and its answer
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

// Returns the first arguments of every script that uses a stream's position: run_id, new epoch,
// position ttl. The position outlives the last publication by `position_ttl`.
Commands::Words position_arguments(std::string_view run_id, const hub::NamespaceOptions& options,
                                   Duration position_ttl, Entropy& entropy);

std::string milliseconds(Duration duration);

Commands::Words page_keys(const Names& names, std::string_view channel);
void add_page_arguments(Commands::Words& arguments, const hub::NamespaceOptions& options,
                        const hub::HistoryQuery& query);

struct StreamPage {
  hub::HistoryPage page;
  std::optional<hub::Owner> owner;
  bool readable = true;  // false: an entry is not of usher, or of an unknown version; then there
                         // are no publications
};

// Returns `nullopt` if the reply is no answer of `page`.
std::optional<StreamPage> parse_page(const Reply& reply);

// Parses the answer of `publish` and `publish_live`.
std::optional<hub::Position> parse_position(const Reply& reply);

}  // namespace usher::redis
