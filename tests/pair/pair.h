// Clients and a gateway in one thread and in virtual time: the C++ ClientSession against the
// ServerSession, with a network between them that delays, loses and cuts (as quinn-proto's `Pair`).
//
// Nothing happens outside run_for() and run_until(). They go from one moment to the next at which
// anything is due: a frame or an HTTP answer arrives, a client's timer, a session's deadline.
//
// Threads: one.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/client_session.h"
#include "pair/gateway.h"
#include "pair/line.h"
#include "pair/virtual_time.h"

namespace usher::test {

class Pair;

// A ClientSession with what client_net/ would do around it, and notes of what it told its user.
class PairClient final : private Line::Client {
 public:
  PairClient(Pair& pair, std::string session, unsigned seed);

  void connect() { handle(client::Connect{}); }
  void disconnect() { handle(client::Disconnect{}); }
  void subscribe(std::string channel) { handle(client::Subscribe{std::move(channel)}); }
  void publish(std::string channel, client::json::value data) {
    handle(client::Publish{std::move(channel), std::move(data)});
  }

  client::Status status() const { return core_.status(); }
  const std::optional<client::Failed>& failure() const { return core_.failure(); }
  bool is_connected() const { return status() == client::Status::connected; }

  // The moment of the next Tick, if there is one.
  std::optional<TimePoint> timer() const;
  void tick() { handle(client::Tick{}); }

  // The present connection; null if there is none.
  Line* line() const { return line_; }

  // The `data` of the publications, as JSON text, in the order of their arrival.
  std::vector<std::string> messages;
  std::vector<client::Subscribed> subscribed;
  std::vector<client::SubscriptionFailed> refused;
  std::vector<client::SocketClosed> closes;  // as the server or the network ended its connections
  std::vector<std::string> log;
  std::vector<std::string> tokens;  // of each ticket call, in order
  int attempts = 0;                 // that have begun
  int failed_events = 0;

  // --- what may go wrong ---
  std::chrono::seconds token_life = std::chrono::hours(1);
  Duration token_delay{};               // of the next token calls
  std::optional<std::string> ticket{};  // shown instead of the one that was issued

 private:
  void handle(client::Input input);
  void carry_out(const client::Output& output);
  void perform(const client::FetchToken& effect);
  void perform(const client::FetchTicket& effect);
  void perform(const client::OpenSocket& effect);
  void perform(const client::Send& effect);
  void perform(const client::CloseSocket& effect);
  void perform(const client::Abort& effect);
  // An answer that comes nevertheless is the core's to drop.
  void perform(const client::AbortRefresh&) {}
  void note(const client::Publication& event);
  void note(const client::Subscribed& event) { subscribed.push_back(event); }
  void note(const client::SubscriptionFailed& event) { refused.push_back(event); }
  void note(const client::Failed&) { ++failed_events; }

  void on_open(client::Attempt attempt) override { handle(client::SocketOpen{attempt}); }
  void on_text(client::Attempt attempt, std::string_view text) override;
  void on_closed(client::Attempt attempt, std::uint16_t code, const std::string& reason,
                 bool clean) override;

  Pair& pair_;
  const std::string session_;
  client::ClientSession core_;
  std::string stored_token_;
  Line* line_ = nullptr;
};

class Pair {
 public:
  explicit Pair(unsigned seed = 1);

  // Another client of the same gateway, with the session `s2`, `s3` and so on.
  PairClient& add_client();

  void run_for(Duration duration) {
    run(time.now() + duration, [] { return false; });
  }
  // Returns whether `done` has become true before `limit` has passed.
  bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::minutes(2)) {
    return run(time.now() + limit, done);
  }
  bool run_until_connected() {
    return run_until([this] { return client.is_connected(); });
  }

  // As Shard::drain() with a window of zero: every connection is told to leave at this moment.
  void drain(Duration retry_after);

  Line& add_line(Line::Client& end, client::Attempt attempt, std::string ticket);

  VirtualTime time;
  Network network;
  Gateway gateway{time};

 private:
  bool run(TimePoint end, const std::function<bool()>& done);
  void run_one_step(TimePoint now);
  TimePoint next() const;
  void run_turns();

  std::deque<std::unique_ptr<Line>> lines_;  // kept: what is on its way knows them
  std::deque<std::unique_ptr<PairClient>> clients_;
  unsigned seed_;

 public:
  PairClient& client;  // the first one; it needs all of the above
};

}  // namespace usher::test
