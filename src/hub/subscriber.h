// One connection, as the hub sees it: a receiver of deliveries with an identity and subscriptions.
//
// The session derives from it. The hub keeps its own bookkeeping inside (intrusive links, a list of
// subscriptions that is one pointer while empty), so that an idle connection with only its personal
// channels costs the hub no allocation.
//
// Threads: belongs to its shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/wall_clock.h"
#include "hub/client_id.h"
#include "hub/subscribe_question.h"
#include "wire/close_code.h"
#include "wire/shared_frame.h"

namespace usher::hub {

// The session and user of a connection, and what its token permits. All views point into the
// connection, and must not change while it is joined, except inside Hub::change_identity().
struct Identity {
  std::string_view session;  // never empty
  std::string_view user;     // empty: not logged in
  std::string_view jti;      // of the token; empty: none
  std::string_view sid;      // of the session at the OpenID provider, with its issuer; empty: none
  // Of the connection's former tokens that are still valid.
  std::span<const std::string> earlier_jtis;
  std::span<const std::string> earlier_sids;      // likewise
  std::optional<std::int64_t> iat;                // of the token, Unix seconds
  std::string_view conn_info;                     // raw JSON shown in presence; empty: none
  std::span<const std::string> channel_patterns;  // exact names and `prefix*` patterns
};

// How a connection came, for the backend that asks.
struct ConnectionFacts {
  WallTime since{};              // when it was let in
  std::string transport;         // "websocket", or "tunnel:" and the name of the upstream
  std::string_view address_key;  // limits::address_key()
};

class Subscriber;
struct SubscriberState;  // local_channels.h

// What the hub keeps in a subscriber, for itself alone.
struct HubSide {
  enum class Stage : std::uint8_t { outside, named, joining, live };
  struct Links {
    Subscriber* next = nullptr;
    Subscriber* previous = nullptr;
  };

  HubSide();
  ~HubSide();

  ClientId client;
  Links by_session;  // the others of the same session on this shard
  Links by_user;
  std::unique_ptr<SubscriberState> state;  // null while it has only personal channels
  Stage stage = Stage::outside;
};

class Subscriber {
 public:
  Subscriber() = default;
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;
  virtual ~Subscriber() = default;  // requires that it is not joined

  virtual Identity identity() const = 0;

  // Returns `nullopt` until the connection is let in: a tunnel waits for its upstream. Views point
  // into the connection.
  virtual std::optional<ConnectionFacts> facts() const { return ConnectionFacts{}; }

  // Appends the frame to the outbox. Must not call into the hub, nor end the connection before it
  // returns: a connection whose outbox is full ends in a turn of its own.
  virtual void deliver(const wire::SharedFrame& frame) = 0;

  // The same for a frame that may leave later, or take another's place.
  virtual void gather(const wire::SharedFrame& frame, const wire::Gathering&) { deliver(frame); }

  // Returns whether it can have subscriptions. A tunnel has none: it only counts, and can be closed.
  virtual bool takes_messages() const { return true; }

  // Returns how many more bytes may wait for the peer before it counts as slow. A larger recovery
  // is reported as a gap.
  virtual std::size_t room_bytes() const = 0;

  // Ends the connection with a close frame, in a turn of its own. Nothing is delivered to it any
  // more, but Hub::leave() must not be called before this returns. `reason` is valid during the
  // call.
  virtual void close(const wire::CloseReason& reason) = 0;

  // The backend changes the end of the connection's credential: to `expire_at` (Unix seconds;
  // without a value: never), or, with `expired`, to now. The rules of close() hold.
  virtual void refresh(bool expired, std::optional<std::int64_t> expire_at) = 0;

  // Asks for a decision about a subscription. The answer is Hub::decide(), in a turn of its own.
  // Returns false if the subscriber cannot ask: then it is refused. The rules of close() hold.
  virtual bool ask(SubscribeQuestion) { return false; }

  // Set by Hub::name(), or else by Hub::join().
  ClientId client() const { return hub_side_.client; }

 private:
  friend HubSide& hub_side(Subscriber& subscriber) { return subscriber.hub_side_; }

  // Its tail padding is for the session's members.
  [[no_unique_address]] HubSide hub_side_;
};

}  // namespace usher::hub
