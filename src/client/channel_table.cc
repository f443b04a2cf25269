#include "client/channel_table.h"

#include <algorithm>

#include "client/json_fields.h"

namespace usher::client {

json::object Channel::since() const {
  if (!epoch) return {};
  return {{"recover", true}, {"epoch", *epoch}, {"offset", offset.value_or(0)}};
}

void Channel::begin(const json::object& result) {
  const auto said = string_field(result, "epoch");
  const bool continued = said ? said == epoch : bool_field(result, "recovered").value_or(false);
  if (continued) return;
  forget_position();
  if (said && bool_field(result, "recoverable").value_or(true)) epoch = std::string(*said);
}

bool Channel::advance(std::optional<std::uint64_t> publication_offset) {
  if (!publication_offset) return true;
  if (offset && *publication_offset <= *offset) return false;
  offset = publication_offset;
  return true;
}

void Channel::forget_position() {
  epoch.reset();
  offset.reset();
}

Channel* ChannelTable::find(const std::string& name) {
  const auto found = channels_.find(name);
  return found == channels_.end() ? nullptr : &found->second;
}

Channel& ChannelTable::know(const std::string& name, bool wished) {
  Channel& channel = channels_[name];
  if (channel.order == 0) {
    channel.name = name;
    channel.order = ++last_order_;
  }
  if (wished && !channel.wished) {
    channel.wished = true;
    ++wished_count_;
  }
  return channel;
}

std::vector<Channel*> ChannelTable::in_order() {
  std::vector<Channel*> sorted;
  for (auto& [name, channel] : channels_) sorted.push_back(&channel);
  std::ranges::sort(sorted, {}, &Channel::order);
  return sorted;
}

void ChannelTable::forget(Channel& channel) {
  if (channel.wished) --wished_count_;
  channels_.erase(channels_.find(channel.name));
}

}  // namespace usher::client
