// One connection's state machine: from the upgrade to the last word.
//
//     opening ──credential good──▶ joining ──hub answers──▶ live ──▶ ended
//
// On /ws the ticket came with the upgrade: the check starts at once, and the server speaks first.
// On /connection/websocket `opening` waits for a `connect` command; a ticket that does not redeem
// is answered there, and may be tried again. Everything said before `live` leaves in one write with
// the 101.
//
// What the hub tells a session (answers, deliveries, an order to close) it tells in the middle of
// an operation: the session then only says something, or notes what is to be done. That is done in
// on_turn(), when the hub's state is settled again (docs/adr/0001-turns.md).
//
// How one comes in is in admission.cc, what clients ask for when live in commands.cc.
//
// Threads: belongs to its shard.  Owned by: the connection, whose Outlet it borrows; the hub knows
// it as a Subscriber from join() to leave(). Limits: SessionOptions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "edge/session.h"
#include "hub/subscriber.h"
#include "limits/token_bucket.h"
#include "session/credential_check.h"
#include "session/dependencies.h"
#include "session/earlier_tokens.h"
#include "session/heartbeat.h"
#include "session/identity_text.h"

namespace usher::session {

class ServerSession final : public edge::Session, private hub::Subscriber {
 public:
  // Borrows both. Call begin() next.
  ServerSession(edge::Outlet& outlet, SessionDependencies& dependencies);
  ~ServerSession() override;

  // Judges the upgrade. May send and close at once.
  void begin(const edge::Opening& opening, TimePoint now);

  void on_text(std::string_view message, TimePoint now) override;
  void on_binary(std::string_view message, TimePoint now) override;
  void on_pong(TimePoint now) override;
  void on_deadline(TimePoint now) override;
  void on_turn(TimePoint now) override;
  void on_shutdown(Duration retry_after) override;
  void on_closed(const edge::Ending& ending) override;

 private:
  static constexpr std::uint8_t kCommandsPerTurn = 64;

  enum class State : std::uint8_t { opening, joining, live, ended };
  enum class Pings : std::uint8_t { protocol, web_socket };

  // What is needed only while a credential is looked at, or may be soon.
  struct Pending {
    std::string peer_address;
    CredentialCheck check;
    std::optional<ticket::TicketHash> shown;  // the ticket that is looked at; SDKs only
    std::uint32_t command_id = 0;             // of the `connect` or `refresh` to answer
    std::vector<hub::SubscribeWish> wishes;
    TimePoint connect_by;  // /connection/websocket: no later than this, however often refused
    TimePoint give_up_at;
    std::uint8_t refusals = 0;  // of `connect` commands
  };

  // What waits for a turn of its own.
  struct Later {
    std::string commands;  // that have come and are not carried out yet, from `at` on
    std::size_t at = 0;
    std::optional<std::pair<std::uint16_t, std::string>> close;  // code and reason
    struct Expiry {
      std::optional<std::int64_t> at;  // Unix seconds; nothing: never
    };
    std::optional<Expiry> expiry;  // the backend's word
    bool engine_away = false;      // the hub could not answer: the connection can't begin
  };

  // Every call of the shell begins with it.
  void begin_turn(TimePoint now);
  Later& later();
  bool is_closing() const { return later_ != nullptr && later_->close.has_value(); }

  // The last ticket that this connection was opened or refreshed with, while the store knows it.
  struct SpentTicket {
    ticket::TicketHash hash;
    TimePoint known_until;
  };
  // What it was before: rarely there, so it is one pointer.
  struct Past {
    EarlierTokens tokens;
    std::optional<SpentTicket> spent;  // SDKs show it again when they come back
  };
  Past& past();
  void forget_spent_ticket();

  // --- hub::Subscriber ---
  hub::Identity identity() const override;
  void deliver(const wire::SharedFrame& frame) override;
  std::size_t room_bytes() const override;
  void close(const wire::CloseReason& reason) override;
  void refresh(bool expired, std::optional<std::int64_t> expire_at) override;

  // --- coming in (admission.cc) ---
  void check_credential(std::string_view credential, TimePoint now);
  void on_credential(Result<ticket::Grant, Refusal> result);
  void take_identity(ticket::Grant grant);
  void remember_ticket(const std::optional<ticket::TicketHash>& hash);
  void tell_ticket_ended();
  void join();
  void on_joined(const hub::Joined& joined);
  void refuse(const Refusal& refusal);
  bool answer_refused_connect(const Refusal& refusal);

  // --- commands (commands.cc) ---
  std::string_view read_commands(std::string_view commands);
  std::string_view read_some(std::string_view commands);
  bool is_within_limit(const wire::Command& command);
  void take(const wire::Command& command);
  void take_first(const wire::Command& command);
  bool must_hold() const;
  void put_by(std::string_view commands);
  void go_on_with_commands();
  void carry_out(std::uint32_t id, const wire::Pong& pong);
  void carry_out(std::uint32_t id, const wire::ConnectCommand& command);
  void carry_out(std::uint32_t id, const wire::SubscribeCommand& command);
  void carry_out(std::uint32_t id, const wire::UnsubscribeCommand& command);
  void carry_out(std::uint32_t id, const wire::PublishCommand& command);
  void carry_out(std::uint32_t id, const wire::PresenceCommand& command);
  void carry_out(std::uint32_t id, const wire::PresenceStatsCommand& command);
  void carry_out(std::uint32_t id, const wire::HistoryCommand& command);
  void carry_out(std::uint32_t id, const wire::PingCommand& command);
  void carry_out(std::uint32_t id, const wire::SendCommand& command);
  void carry_out(std::uint32_t id, const wire::RpcCommand& command);
  void carry_out(std::uint32_t id, const wire::RefreshCommand& command);
  void carry_out(std::uint32_t id, const wire::SubRefreshCommand& command);
  void carry_out(std::uint32_t id, wire::CommandError error);
  void on_refresh_credential(Result<ticket::Grant, Refusal> result);
  void apply_refresh(ticket::Grant grant);

  // --- the backend's hooks (hook_commands.cc) ---
  // A publication that waits for the backend's word.
  struct Wished {
    std::uint32_t id;
    std::string channel;
    std::string data;
  };
  bool has_hook(Hook hook) const;
  HookEvent event(HookEvent::Kind kind, const std::string& client) const;
  template <class Answered>
  void ask_hook(std::uint32_t id, HookEvent::Kind kind, std::string_view name,
                std::string_view data, Answered answered);
  void publish_through_hook(std::uint32_t id, std::string_view channel, std::string_view data);
  void publish_as_answered(const Wished& wished, const HookAnswer& answer);
  void answer_rpc(std::uint32_t id, const HookAnswer& answer);
  void reply_hook_error(std::uint32_t id, const HookError& error);
  void tell_hook(HookEvent::Kind kind, std::uint16_t code = 0, std::string_view reason = {});
  hub::Handler<hub::Position> published(std::uint32_t id);

  // Of the upgrade; nothing: none was sent.
  std::optional<std::string_view> origin() const { return identity_.from().origin; }

  // --- the credential's end ---
  void set_expiry(std::int64_t expire_at);
  void tell_expiry(const Later::Expiry& expiry);
  wire::ConnectResult connect_result() const;  // what `connect` and `refresh` tell of it, too

  // --- the one timer ---
  void arm_deadline();
  HeartbeatTimes heartbeat_times() const;

  // --- what is said ---
  // Replies of one frame's commands leave as one frame; a delivery in between must not overtake
  // them.
  void reply(std::string text);
  void reply_error(std::uint32_t id, wire::ProtocolError error);
  void flush_replies();

  // --- what the log is told ---
  LogIdentity who() const;
  std::string_view transport() const;
  void log_refused(std::string_view channel, hub::Error error) const;

  // --- going ---
  void end(const wire::CloseReason& reason);
  void finish(std::uint16_t code, std::string_view reason);

  // Small members come first, where they fill what the bases leave: an idle connection's memory is
  // counted (docs/performance.md).
  State state_ : 2 = State::opening;
  edge::Endpoint endpoint_ : 1 = edge::Endpoint::ws;
  Pings pings_ : 1 = Pings::protocol;
  std::uint8_t hook_calls_ = 0;                    // under way
  std::uint8_t commands_left_ = kCommandsPerTurn;  // in this turn of the loop
  std::uint16_t subscribes_free_ = 0;  // of the rate of commands: what a client wants back at once
  edge::Outlet& outlet_;
  SessionDependencies& dependencies_;
  std::unique_ptr<Pending> pending_;  // not while live, unless a refresh is under way
  std::unique_ptr<Later> later_;      // null: nothing waits
  // And whence: a refresh is held to the Origin, and the address pays for looking at JWTs.
  IdentityText identity_;
  std::unique_ptr<std::vector<std::string>> channel_patterns_;  // null: none
  std::unique_ptr<Past> past_;                                  // null: nothing
  std::string* replies_ = nullptr;  // while a frame's commands are being read
  Heartbeat heartbeat_;
  TimePoint expires_at_ = TimePoint::max();  // the credential's end; the grace not counted
  TimePoint now_;
  WallTime connected_at_;  // for the log
  limits::TokenBucket commands_;
};

}  // namespace usher::session
