// usher's client: keeps one WebSocket (RFC 6455) to an usher gateway open until it is told to stop.
//
// It gets a token, exchanges it for a one-time ticket, and opens the socket with the ticket. After
// every loss it does the same again, with backoff, jitter and a new ticket, and restores the
// subscriptions together with the messages that were missed. A failure after which another attempt
// cannot help stops the client and calls `on_failed` once; then only connect() starts it again.
//
//   #include <usher/client.h>
//
//   #include <iostream>
//
//   int main() {
//     usher::Client client({.url = "https://gw.example",
//                           .on_message = [](const usher::ClientMessage& message) {
//                             std::cout << message.channel << " " << message.data << "\n";
//                           }});
//     client.subscribe("news:1");
//     client.connect();
//     std::cin.get();  // messages come on the client's own thread
//   }
//
// Threads: every function may be called from any thread, and from inside a callback. Callbacks run
//   one at a time: on the client's own thread, or on the executor that the client was given. They
//   must not block. They may call every function of the client, throw, and destroy the client. An
//   exception of theirs is reported to `on_detail`, or to `on_log` where `on_detail` is not set,
//   and has no other effect.
// Owns: its thread, its sockets, and copies of all that it is given.
// Errors: the constructor throws. After it nothing throws but for lack of memory: a failure is a
//   status, a callback or a log line. No callback and no log line contains a token or a ticket.
//
// docs/client-cpp.md is the guide; docs/contract.md says what client and gateway promise each
// other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace boost::asio {
class any_io_executor;
}

namespace usher {

// connecting: the first attempt after connect(). reconnecting: every later one, and the waits
// between them.
enum class ClientStatus { disconnected, connecting, connected, reconnecting };

// Returns the enumerator's name, for example "connected". The view is good for ever.
std::string_view to_string(ClientStatus status);

// A hard failure: another attempt cannot help. One of `http_status` and `close_code` is set.
struct ClientFailure {
  // The status of the token or ticket call that was refused (RFC 9110, section 15).
  std::optional<int> http_status{};

  // The code of the close frame (RFC 6455, section 7.4; usher's own are in docs/contract.md,
  // section 2.3).
  std::optional<std::uint16_t> close_code{};

  // A word of usher's, such as MISSING_SESSION or ORIGIN_BLOCKED; or what a proxy or the backend
  // said instead. May be empty.
  std::string reason{};
};

// A message of a channel.
struct ClientMessage {
  std::string channel;

  // One JSON value (RFC 8259) as text, byte for byte as it was published.
  std::string data;

  // The message's number in its channel; nullopt on channels without history.
  std::optional<std::uint64_t> offset{};
};

enum class ClientLogLevel { info, warn, error };

// Why a token source has no token. Without an `http_status` the network failed, and the client
// tries again.
struct TokenFailure {
  // The status that your backend answered. After a 401 the client asks for a fresh token once, and
  // stops if that is refused too (at once if `code` is MISSING_SESSION or SESSION_REVOKED). Another
  // status stops it only together with a `code` that docs/contract.md, section 1.2, calls hard.
  std::optional<int> http_status{};

  // The `code` of the answer, where it is one of usher's; empty otherwise.
  std::string code{};

  // The text of the answer's Retry-After field (RFC 9110, section 10.2.3). The client does not try
  // again before that time.
  std::optional<std::string> retry_after{};
};

// The one answer to a request for a token. Copies are the same answer.
//
// The first call of either function counts; later calls are ignored, as is a call after the client
// has given the request up or is destroyed. If all copies are destroyed without a call, the request
// fails as failed() without arguments.
//
// Threads: any, at any time.
class TokenReply {
 public:
  // `token` is sent as a Bearer token (RFC 6750, section 2.1). One that is empty, longer than 16
  // KiB or not visible ASCII without spaces counts as refused by the gateway (401). `cached`: it
  // comes from a storage, so the client asks for a fresh one if this one is refused.
  void token(std::string token, bool cached = false) const { answer_(&token, cached, nullptr); }

  void failed(TokenFailure failure = {}) const { answer_(nullptr, false, &failure); }

  // For the client itself.
  using Answer = std::function<void(std::string* token, bool cached, TokenFailure* failure)>;
  explicit TokenReply(Answer answer) : answer_(std::move(answer)) {}

 private:
  Answer answer_;
};

// Where the client's tokens come from.
class TokenSource {
 public:
  // Tokens of your own backend. `ask` is called before each ticket, as callbacks are: it must not
  // block, and may answer at once or later, through `reply`. `fresh`: the last token was refused or
  // ends soon, and must not be given again. No second request begins before the first is answered. The client
  // waits 10 seconds for an answer, then backs off and tries again.
  using Function = std::function<void(bool fresh, TokenReply reply)>;
  static TokenSource function(Function ask) { return {Kind::function, {}, std::move(ask)}; }

  // Always this token, for short programs: when it is refused or has ended, the client stops.
  static TokenSource fixed(std::string token) { return {Kind::fixed, std::move(token), {}}; }

  // Tokens of the gateway's guests (`guest.enabled` in its configuration). With a `cache_file` a
  // guest stays the same guest over restarts, and processes that share the file are one guest;
  // without one, for as long as the client lives. The file is written with mode 0600 and replaced
  // atomically. A file that other users may read or write is ignored.
  static TokenSource guest(std::string cache_file = "") {
    return {Kind::guest, std::move(cache_file), {}};
  }

 private:
  friend class TokenSourceReader;
  enum class Kind { function, fixed, guest };
  TokenSource(Kind kind, std::string text, Function ask)
      : kind_(kind), text_(std::move(text)), ask_(std::move(ask)) {}

  Kind kind_;
  std::string text_;
  Function ask_;
};

// The header fields by which your backend knows its user, for example {{"Cookie", "sid=…"}}. It is
// called before each ticket call, as callbacks are: it must not block. The fields go with that call
// alone, and the gateway hands them to your backend (`hooks.ticket_url` in its configuration). An
// exception counts as a network failure. A field that cannot be sent (a malformed name, a value
// with a line end, one of the client's own such as Host) is a hard failure.
using CredentialsFunction = std::function<std::vector<std::pair<std::string, std::string>>()>;

// Only `url` is required. Callbacks that are not set are not called, except `on_log`.
struct ClientOptions {
  // The gateway: http, https, ws or wss, with its path prefix if it has one. No user name or
  // password.
  std::string url;

  TokenSource token_source = TokenSource::guest();

  // Set it if your backend knows its users by a cookie or another header field. Then no
  // `token_source` is needed, and there are no guests: a guest source is ignored, any other works
  // beside it. The gateway's URL must be https or wss, or name this machine.
  CredentialsFunction credentials{};

  // Sent as Origin (RFC 6454, section 7) with the ticket call and the upgrade. Programs need none.
  std::optional<std::string> origin{};

  // A PEM file with certificates to trust beside the system's. The chain and the host name of a
  // gateway are always verified.
  std::string ca_file{};

  // A message from the gateway with more bytes ends the connection, which then is opened again.
  std::size_t message_bytes_max = std::size_t{16} << 20;

  // The status has changed.
  std::function<void(ClientStatus)> on_status{};

  // A message of any channel. Runs before the channel's own handler.
  std::function<void(const ClientMessage&)> on_message{};

  // The channel is live on this connection. `recovered` true: the missed messages follow, in order,
  // each once. False: messages since the last time may be lost, or this is the first time.
  std::function<void(const std::string& channel, bool recovered)> on_subscribed{};

  // The gateway has refused or ended the subscription; the channel and its handler are forgotten.
  // `code` is one of the error numbers or unsubscribe codes of docs/protocol.md.
  std::function<void(const std::string& channel, std::int64_t code)> on_subscription_failed{};

  // A hard failure has stopped the client.
  std::function<void(const ClientFailure&)> on_failed{};

  // One line for a log, without a line end. Not set: lines go to standard error.
  std::function<void(ClientLogLevel, const std::string&)> on_log{};

  // Details for a person: the reason behind a NetworkError or TimeoutError in the log, or the
  // exception that a callback or token source has thrown.
  std::function<void(const std::string&)> on_detail{};
};

// One connection to a gateway. Begins disconnected: call connect().
class Client {
 public:
  using Handler = std::function<void(const ClientMessage&)>;

  // A client with a thread of its own. Throws std::invalid_argument if the URL is none or `ca_file`
  // cannot be used; the message says what to do. Throws std::system_error if the system is out of
  // threads or descriptors.
  explicit Client(ClientOptions options);

  // A client on `executor`, which must outlive it and may be run by several threads. Throws as
  // above.
  Client(ClientOptions options, const boost::asio::any_io_executor& executor);

  // Closes the connection as disconnect() does, without callbacks.
  //
  // With a thread of its own it waits for that thread: at most a second for the closing handshake
  // (RFC 6455, section 7.1.2), longer only while a DNS query is under way. Inside a callback it
  // does not wait, and the thread ends by itself. On an executor it never waits; the executor must
  // then run the rest of the handshake.
  //
  // No callback begins after it has returned, with one exception: on an executor that other threads
  // run, a callback that was about to begin may still run.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Starts the client. If it waits for its next attempt, the attempt begins at once, but never
  // before the time that the gateway asked for. Otherwise does nothing.
  void connect();

  // Ends the connection or the attempt; the client stays disconnected until connect().
  // Subscriptions stay known.
  void disconnect();

  // Asks for a fresh token now, and gives it to the gateway on the live connection: a guest who has
  // logged in becomes that user without a reconnect. Before a token's end the client does this by
  // itself. Without a connection it does nothing.
  void refresh();

  // Both give the state of a moment ago: a call or event that is under way is not in it yet.
  ClientStatus status() const;

  // Returns why a hard failure has stopped the client; nullopt unless one has, and after connect().
  std::optional<ClientFailure> failure() const;

  // Subscribes to `channel` on this and every later connection, until unsubscribe() or
  // on_subscription_failed. `handler` gets the channel's messages, after on_message; it replaces an
  // earlier handler, unless it is empty.
  void subscribe(std::string channel, Handler handler = {});

  // Ends the subscription and forgets its handler. on_message may still get messages that were on
  // their way.
  void unsubscribe(std::string channel);

  // Sends `json` (one JSON value, RFC 8259) to `channel`, byte for byte but for line ends between
  // tokens. Returns false, and sends and queues nothing, if the client is not connected, if more
  // than 1 MiB would wait to be sent, or if `json` is not one JSON value. True does not promise
  // delivery: the connection may be lost, and the gateway may refuse.
  bool publish(std::string channel, std::string json);

  // Tells what the platform knows about the network. While it is offline the client makes no
  // attempts, unless the URL is a loopback address; back online, it makes one at once. An open
  // connection stays.
  void set_online(bool online);

 private:
  class Shell;
  std::unique_ptr<Shell> shell_;
};

}  // namespace usher
