// The requests of a client that do not subscribe: to publish to a channel, and to see its history
// and presence.
//
// The functions are those of hub.h.
//
// Threads: its shard's. Borrows: its dependencies.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "hub/hub_options.h"
#include "hub/local_channels.h"
#include "hub/personal_channels.h"
#include "hub/subscriber_index.h"

namespace usher::hub {

class Requests {
 public:
  struct Dependencies {
    const HubOptions& options;
    const ChannelRules& rules;
    const Clock& clock;
    Broker& broker;
    SubscriberIndex& index;
    LocalChannels& channels;
    const PersonalChannels& personal;
  };

  explicit Requests(Dependencies dependencies) : with_(dependencies) {}

  bool is_subscribed(Subscriber& subscriber, std::string_view channel) const;

  void publish(Subscriber& subscriber, std::string_view channel, std::string_view data,
               Handler<Position> done);
  void may_publish(Subscriber& subscriber, std::string_view channel, Handler<void> done);
  void publish_counted(Subscriber& subscriber, std::string_view channel, std::string_view data,
                       Handler<Position> done);

  void history(Subscriber& subscriber, std::string_view channel, HistoryQuery query,
               Handler<HistoryPage> done);
  void presence(Subscriber& subscriber, std::string_view channel,
                Handler<std::vector<ClientInfo>> done);
  void presence_stats(Subscriber& subscriber, std::string_view channel,
                      Handler<PresenceStats> done);

 private:
  enum class Kept : std::uint8_t { history, presence };

  Verdict may_publish_now(Subscriber& subscriber, std::string_view channel) const;
  std::optional<Error> refusal_to_publish(Subscriber& subscriber, std::string_view channel);
  bool take_from_rate(Subscriber& subscriber, const NamespaceOptions& space);
  void check_publisher(Subscriber& subscriber, std::string_view channel, Handler<void> done);
  std::optional<Error> refusal_to_look(Subscriber& subscriber, std::string_view channel,
                                       Kept kept) const;
  template <class T>
  Handler<T> while_joined(const Subscriber& subscriber, Handler<T> done);

  const Dependencies with_;
};

}  // namespace usher::hub
