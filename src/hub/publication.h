// A publication, and its place in the channel's stream.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wire/protocol_reply.h"
#include "wire/shared_frame.h"

namespace usher::hub {

// A place in a channel's stream. An epoch is one life of the stream: offsets of different epochs
// can't be compared.
struct Position {
  std::uint64_t offset = 0;  // of the last publication; 0: before the first one
  std::string epoch;         // empty: the channel keeps no history
  friend bool operator==(const Position&, const Position&) = default;
};

// A client that is on a channel, or that has published, as others see it.
struct ClientInfo {
  std::string client;
  std::string user;
  std::string conn_info;  // raw JSON, or empty
  std::string chan_info;  // raw JSON, or empty
  friend bool operator==(const ClientInfo&, const ClientInfo&) = default;

  // Valid while this object lives.
  wire::ClientInfo view() const { return {user, client, conn_info, chan_info}; }
};

struct Publication {
  std::uint64_t offset = 0;                // 0: the channel keeps no history
  std::string data;                        // raw JSON on one line
  std::string tags;                        // raw JSON object, or empty
  std::unique_ptr<const ClientInfo> info;  // of the client that published; none for the server API
};

// Immutable: a history and any number of answers share it.
using PublicationPtr = std::shared_ptr<const Publication>;
using Publications = std::vector<PublicationPtr>;

// A publication's push on its way to the subscribers, encoded once.
struct Delivery {
  std::uint64_t offset = 0;  // 0: not part of the stream (no history; a join or leave push)
  wire::SharedFrame frame;
  bool is_event = false;  // a join or leave push
};

// Returns the push that brings `publication` to a channel's subscribers.
wire::SharedFrame push_of(std::string_view channel, const Publication& publication);

// The views of `publications` that wire/ takes. Valid while this object and the publications live.
class PublicationViews {
 public:
  explicit PublicationViews(const Publications& publications);
  std::span<const wire::Publication> get() const { return views_; }

 private:
  std::vector<wire::ClientInfo> infos_;
  std::vector<wire::Publication> views_;
};

}  // namespace usher::hub
