// The inputs and outputs of the client's session: the words of the language-neutral
// scenario files, as types. clients/typescript/src/protocol.ts is the same vocabulary.
//
// Every asynchronous answer carries the number of the attempt that asked for it, so that a late
// answer is recognised and dropped.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "client/failure.h"

namespace usher::client {

namespace json = boost::json;

using Millis = std::chrono::milliseconds;

// A clock that began as Unix time, never goes back, and goes on while the machine sleeps.
using Instant = std::chrono::sys_time<Millis>;

using Attempt = std::uint64_t;  // 1, 2, 3…; 0 is none

// The subprotocols that a raw client offers after the application's own: the 101 of a socket that is
// not let in selects kRefused, and a close frame says why. The 101 of one that is let in selects the
// application's, or kAccepted where the application has none.
inline constexpr std::string_view kAccepted = "usher.accepted";
inline constexpr std::string_view kRefused = "usher.refused";

// Where a client is: at rest, waiting for its next attempt, in one of an attempt's three steps, or
// connected.
enum class Stage { idle, waiting, token, ticket, socket, connected };

std::string_view to_string(Stage stage);

enum class Status { disconnected, connecting, connected, reconnecting };

std::string_view to_string(Status status);

// ---- in: what the user calls

struct Connect {};
struct Disconnect {};
struct Subscribe {
  std::string channel;
};
struct Unsubscribe {
  std::string channel;
};
struct Publish {
  std::string channel;
  json::value data;
};
// The token has changed: show the gateway the new one on the live socket.
struct RefreshNow {};

// ---- in: answers to effects

struct TokenReady {
  Attempt attempt = 0;
  std::string token;
  bool cached = false;  // it came from storage
};
struct TokenFailed {
  Attempt attempt = 0;
  HttpFailure failure;
};
struct TicketReady {
  Attempt attempt = 0;
  std::string ticket;
  std::optional<Millis> expires_in;
};
struct TicketFailed {
  Attempt attempt = 0;
  HttpFailure failure;
};
// The 101 has come. Of usher's protocol it proves nothing: the server may close at once.
struct SocketOpen {
  Attempt attempt = 0;
  std::string protocol{};  // the subprotocol that the server has selected
};
struct Frame {
  Attempt attempt = 0;
  json::value data;  // one JSON value of a text frame
};
struct SocketClosed {
  Attempt attempt = 0;
  std::uint16_t code = 1006;
  std::string reason;
  bool clean = false;
};

// ---- in: from the platform

struct Online {};
struct Offline {};
struct Hidden {};
struct Visible {};
struct Probe {};  // try in spite of being offline: the platform may be wrong
struct Tick {};   // timer() may be over

using Input = std::variant<Connect, Disconnect, Subscribe, Unsubscribe, Publish, RefreshNow,
                           TokenReady, TokenFailed, TicketReady, TicketFailed, SocketOpen, Frame,
                           SocketClosed, Online, Offline, Hidden, Visible, Probe, Tick>;

// Whether it is an input of usher's protocol, which a raw session does not speak.
bool is_of_protocol(const Input& input);

// ---- out: orders to the shell

struct FetchToken {
  Attempt attempt;
  bool fresh;  // the last token was refused or ends soon: this one must not come from storage
  bool renew = false;  // of the same session: no other guest
};
struct FetchTicket {
  Attempt attempt;
  std::string token;  // empty: the call goes with the user's own credentials
  json::object subs;  // subscriptions to restore; empty: none
};
struct OpenSocket {
  Attempt attempt;
  std::string url;  // holds the ticket: never log it
};
struct Send {
  json::object data;  // one command, or the pong `{}`
};
struct CloseSocket {
  Attempt attempt;
  std::uint16_t code;
};
struct Abort {  // abandon all that is under way for the attempt
  Attempt attempt;
  bool timed_out = false;  // its stage took too long
};

struct AbortRefresh {  // as Abort, but the socket stays
  Attempt attempt;
};

using Effect =
    std::variant<FetchToken, FetchTicket, OpenSocket, Send, CloseSocket, Abort, AbortRefresh>;

// ---- out: events for the user

struct Publication {
  std::string channel;
  json::value data;
  std::optional<std::uint64_t> offset;  // nullopt on channels without history
};
struct Subscribed {
  std::string channel;
  bool recovered;  // false: messages since the last position may be lost, or there was no position
};
struct SubscriptionFailed {
  std::string channel;
  std::int64_t code;
};
// A hard failure: another attempt cannot help.
struct Failed {
  std::optional<int> status;          // of the HTTP answer
  std::optional<std::uint16_t> code;  // of the close frame
  std::string reason;
};

// The client has entered a stage, or the end of its wait has changed.
struct StageChange {
  Stage stage;
  std::uint32_t attempt;  // failures in a row, as in the log line `Reconnecting in … (attempt 1)`
  std::optional<Millis> delay;  // while waiting: until the next attempt; nullopt: none is planned
  // The failure, hard or soft, that ended the stage before. Without status and code no answer came,
  // and `reason` is "network error" or "timeout".
  std::optional<Failed> failure;
};

using Event = std::variant<Publication, Subscribed, SubscriptionFailed, Failed>;

enum class LogLevel { info, warn, error };

struct LogLine {
  LogLevel level;
  std::string text;
};

// The outputs of one input, to be carried out in this order.
struct Output {
  std::vector<LogLine> log;
  std::vector<StageChange> stages;
  std::vector<Effect> effects;  // `do` in scenario files
  std::vector<Status> status;   // changes only
  std::vector<Event> events;

  void info(std::string text) { log.push_back({LogLevel::info, std::move(text)}); }
  void warn(std::string text) { log.push_back({LogLevel::warn, std::move(text)}); }
  void error(std::string text) { log.push_back({LogLevel::error, std::move(text)}); }
};

}  // namespace usher::client
