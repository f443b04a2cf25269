// One client of a storm, which comes back: the messages it has received, the position from which it
// recovers, the time of its next attempt.
//
// It waits as the SDKs' clients do (client/reconnect_policy.h): backoff with jitter, a place in
// the queue, the spread that the gateway requested.
//
// Threads: its loop's.  Borrows: the setting, StormClients.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/load/client.h"
#include "client/reconnect_policy.h"
#include "wire/json.h"

namespace usher::bench {

// A connect push's answer to the wish for one channel.
struct StormPosition {
  std::string epoch;
  std::uint64_t offset = 0;
  double spread_ms = 0;  // reconnect_spread_ms
  bool recoverable = false;
  bool was_recovering = false;
  bool recovered = false;
  std::string publications;  // the missed ones, as received
};
std::optional<StormPosition> read_position(wire::JsonReader& json, std::string_view connect_push,
                                           std::string_view channel);

// Reads from a refused ticket call's answer when to try again.
client::GivenDelay read_given_delay(wire::JsonReader& json, std::string_view problem);

// Returns the body of the ticket request: a subscription to `channel`, from `position` if that is
// known.
std::string make_wish(std::string_view channel, const StormPosition& position);

class StormClient;

class StormWatch {
 public:
  virtual void on_asked() = 0;    // a ticket was requested
  virtual void on_refused() = 0;  // the gateway refused that request
  virtual void on_in(StormClient& client) = 0;
  virtual void on_lost(StormClient& client) = 0;
  virtual void on_trouble(std::string why) = 0;  // waiting cannot help

 protected:
  ~StormWatch() = default;
};

class StormClient final : private Client::Listener {
 public:
  StormClient(const Setting& setting, std::string_view channel, wire::JsonReader& json,
              StormWatch& watch, std::size_t index);

  void enter();

  bool is_in() const { return client_.is_in(); }
  bool was_told_of_a_gap() const { return told_of_a_gap_; }
  bool has(std::size_t number) const { return number < received_.size() && received_[number]; }

 private:
  static constexpr Duration kStableAfter = std::chrono::seconds(5);

  void enter_after(client::GivenDelay given);
  void take_messages(std::string_view text);
  void on_in(Client& client, std::string_view first) override;
  void on_message(Client& client, std::string_view payload) override;
  void on_out(Client& client, std::uint16_t code, std::string_view why) override;
  void on_no_ticket(Client& client, const HttpAnswer& answer) override;

  const Setting& setting_;
  const std::string_view channel_;
  wire::JsonReader& json_;
  StormWatch& watch_;
  const std::size_t index_;
  Client client_;
  client::ReconnectPolicy policy_;
  StormPosition position_;
  TimePoint in_since_;
  bool told_of_a_gap_ = false;
  std::vector<bool> received_;
};

}  // namespace usher::bench
