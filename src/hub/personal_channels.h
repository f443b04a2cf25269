// Personal channels, `session:<id>` and `user:<id>`, which connections have without asking.
//
// Where their namespace keeps nothing they are not channels with members at all: the index from
// sessions and users to connections is enough. Such a channel is *indexed*.
//
// Threads: its shard's. Borrows: its dependencies.
#pragma once

#include <string>
#include <string_view>

#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/endings.h"
#include "hub/hub_options.h"
#include "hub/local_channels.h"
#include "hub/subscriber_index.h"
#include "hub/subscribing.h"

namespace usher::hub {

class PersonalChannels {
 public:
  struct Dependencies {
    const ChannelRules& rules;
    Broker& broker;
    SubscriberIndex& index;
    LocalChannels& channels;
    Endings& endings;
    Subscribing& subscribing;
    HubStats& stats;
  };

  explicit PersonalChannels(Dependencies dependencies) : with_(dependencies) {}

  // Returns whether it is a personal channel that lives in the index alone.
  bool is_indexed(const PersonalName& personal, std::string_view channel) const {
    if (personal.kind == Personal::no) return false;
    const NamespaceOptions* const space = with_.rules.options(channel);
    return space == nullptr || space->is_plain();
  }

  // These two require that the channel is indexed.
  void deliver(const PersonalName& personal, const Delivery& delivery);
  // Deliveries may be missing. There is no subscription that could end and begin again, so a push
  // says that one did.
  void tell_lost(const PersonalName& personal, std::string_view channel);

  // A connection of this session and user has left the index. The broker is told of each channel
  // that has no other connection on this shard.
  void on_left(std::string_view session, std::string_view user);

  // The subscriber's user was `old_user` and is another one now, or none: its user channel follows,
  // and so do the counts of connections.
  void follow_user(Subscriber& subscriber, const std::string& old_user);

 private:
  void end_user_channel(Subscriber& subscriber, const std::string& user);
  void begin_user_channel(Subscriber& subscriber, std::string_view user);

  const Dependencies with_;
};

}  // namespace usher::hub
