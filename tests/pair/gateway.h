// The server's side of a pair test: the hub, memory engine, ticket store, revocations and session
// settings of one shard, in virtual time; and `POST /auth/ticket` in miniature.
//
// Sessions are the real ones. HTTP is not: issue() answers as the contract says (docs/contract.md,
// sections 1.2 and 1.3), and the real route has its own tests.
//
// Threads: one. Borrows: time.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "auth/origin_policy.h"
#include "client/failure.h"
#include "hub/hub.h"
#include "hub/memory_broker.h"
#include "pair/virtual_time.h"
#include "session/dependencies.h"
#include "support/recording_log.h"
#include "support/seeded_entropy.h"
#include "ticket/gated_ticket_store.h"
#include "ticket/memory_ticket_store.h"

namespace usher::test {

class Gateway {
 public:
  static constexpr Duration kTicketTtl = std::chrono::seconds(30);

  explicit Gateway(VirtualTime& time);

  // A JWT of the session `s1`: text that names it, good for `life` from now on.
  std::string sign_token(std::string_view session, std::chrono::seconds life);

  // Returns the ticket's text, or what the call answers instead. `subs`: raw JSON, or empty.
  std::variant<std::string, client::HttpFailure> issue(const std::string& token, std::string subs);

  // As a backend does by the server API.
  void publish(std::string channel, std::string data);
  void revoke(std::string_view session);

  session::SessionDependencies& dependencies() { return dependencies_; }
  RecordingLog& log() { return log_; }
  hub::Hub& hub() { return hub_; }

  session::SessionOptions options{.version = "usher test", .node = "n1"};
  ticket::DevFault store_down;                   // the ticket store cannot be reached
  ticket::RevocationsLoaded revocations_loaded;  // outdated: tickets are issued, and not redeemed
  bool draining = false;

 private:
  struct NoOtherShards final : hub::ShardPost {
    void post(std::size_t, UniqueFunction<void()>) override;
  };
  struct NoObserver final : session::SessionObserver {
    void on_redeemed(ticket::RedeemOutcome) override {}
    void on_replay() override {}
    void on_forged(std::string_view, TimePoint) override {}
    void on_connected() override {}
    void on_rejected(session::Rejection) override {}
    void on_abandoned() override {}
    void on_closed(std::uint16_t, bool) override {}
    void on_message() override {}
    void on_command_refused() override {}
    void on_published() override {}
  };
  struct Token {
    std::string session;
    std::int64_t exp;  // Unix seconds
  };

  VirtualTime& time_;
  SeededEntropy entropy_;
  RecordingLog log_;
  NoObserver observer_;
  std::map<std::string, Token> tokens_;
  ticket::MemoryTicketStore tickets_;
  ticket::GatedTicketStore gated_;
  const hub::ChannelRules rules_;
  NoOtherShards post_;
  hub::MemoryBrokers brokers_;
  hub::Hub hub_;
  const Snapshot<auth::OriginPolicy> origins_;
  auth::Revocations revocations_;
  wire::JsonReader json_;
  wire::CommandReader commands_{json_};
  session::SessionDependencies dependencies_;
};

}  // namespace usher::test
