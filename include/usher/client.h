// usher's client: keeps one WebSocket to an usher gateway open, from now until told otherwise.
//
// It makes sure that there is a token, trades it for a one-time ticket, opens the socket with it,
// and after every loss does so again, with backoff, jitter and a new ticket, restoring
// subscriptions and what was missed. A failure that trying again can't mend stops it at once
// (`on_failed`); only connect() starts it again.
//
//   usher::Client client({.url = "https://gw.example",
//                         .on_message = [](const usher::ClientMessage& m) { std::cout << m.data <<
//                         "\n"; }});
//   client.subscribe("news:1");
//   client.connect();
//
// Threads: every function may be called from any thread, from inside a callback too. Callbacks run
// one at a time: on
//   the client's own thread, or on the executor that it was given. They may throw; the exception
//   goes to `on_detail` and nowhere else. They may destroy the client.
// Owns: its thread, sockets and copies of all that it is given.
// Errors: a wrong URL or unreadable CA file throws std::invalid_argument from the constructor.
// Everything that happens
//   later is a status, an event or a log line. No log line and no event holds a token or ticket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace boost::asio {
class any_io_executor;
}

namespace usher {

enum class ClientStatus { disconnected, connecting, connected, reconnecting };

std::string_view to_string(ClientStatus status);

// A hard failure: trying again can't help.
struct ClientFailure {
  std::optional<int> http_status{};           // of the token or ticket call that was refused
  std::optional<std::uint16_t> close_code{};  // of the close frame
  std::string reason{};  // usher's code, such as MISSING_SESSION or ORIGIN_BLOCKED; may be empty
};

struct ClientMessage {
  std::string channel;
  std::string data;                       // JSON text, byte for byte as it was published
  std::optional<std::uint64_t> offset{};  // nothing on channels without history
};

enum class ClientLogLevel { info, warn, error };

// Why a token source has no token. Without `http_status`: the network failed, worth another try.
struct TokenFailure {
  std::optional<int> http_status{};  // 401 makes the client ask once for a fresh token, then stop
  std::string code{};                // usher's code, if it came with one
  std::optional<std::string> retry_after{};  // the Retry-After header, if there was one
};

// The one answer to a token request. Copyable; the first call counts, from any thread and at any
// time; a late one, after the client has gone on or is gone, is ignored.
class TokenReply {
 public:
  // `cached`: it came from a storage, so that a refusal is a reason to ask for a fresh one.
  void token(std::string token, bool cached = false) const { answer_(&token, cached, nullptr); }
  void failed(TokenFailure failure = {}) const { answer_(nullptr, false, &failure); }

  using Answer = std::function<void(std::string* token, bool cached, TokenFailure* failure)>;
  explicit TokenReply(Answer answer) : answer_(std::move(answer)) {}

 private:
  Answer answer_;
};

// Where the client's tokens come from.
class TokenSource {
 public:
  // Your own backend. `fresh`: the last token was refused, don't give it again. Called where
  // callbacks are called: must not block, may answer at once. One request at a time, however many
  // attempts ask.
  using Function = std::function<void(bool fresh, TokenReply reply)>;
  static TokenSource function(Function ask) { return {Kind::function, {}, std::move(ask)}; }

  // One token, for short programs: refused means stopped.
  static TokenSource fixed(std::string token) { return {Kind::fixed, std::move(token), {}}; }

  // The gateway's guest endpoint. With a `cache_file` (mode 0600, replaced atomically, shared by
  // processes) a guest stays the same guest over restarts; without one, as long as the client
  // lives.
  static TokenSource guest(std::string cache_file = "") {
    return {Kind::guest, std::move(cache_file), {}};
  }

 private:
  friend class Client;
  enum class Kind { function, fixed, guest };
  TokenSource(Kind kind, std::string text, Function ask)
      : kind_(kind), text_(std::move(text)), ask_(std::move(ask)) {}

  Kind kind_;
  std::string text_;
  Function ask_;
};

struct ClientOptions {
  std::string url;  // of the gateway, http(s) or ws(s), with its path prefix if it has one
  TokenSource token_source = TokenSource::guest();
  std::optional<std::string>
      origin{};  // sent as Origin with the ticket call and the handshake; programs need none
  std::string ca_file{};  // PEM, trusted beside the system's certificates
  std::size_t message_bytes_max = std::size_t{16} << 20;  // a longer one ends the connection

  std::function<void(ClientStatus)> on_status{};
  std::function<void(const ClientMessage&)> on_message{};  // of every channel
  // `recovered` false: what was missed since the last time is lost, or there was no last time.
  std::function<void(const std::string& channel, bool recovered)> on_subscribed{};
  std::function<void(const std::string& channel, std::int64_t code)> on_subscription_failed{};
  std::function<void(const ClientFailure&)> on_failed{};
  std::function<void(ClientLogLevel, const std::string&)> on_log{};  // unset: standard error
  // What lies behind a NetworkError or a TimeoutError, which callback has thrown, and the like.
  std::function<void(const std::string&)> on_detail{};
};

class Client {
 public:
  using Handler = std::function<void(const ClientMessage&)>;

  // With a thread of its own.
  explicit Client(ClientOptions options);

  // On `executor`, which must outlive the client. It may be run by several threads.
  Client(ClientOptions options, const boost::asio::any_io_executor& executor);

  // Hangs up. With its own thread: waits for it (a second at most for the farewell, longer only for
  // a DNS query that is under way); inside a callback it does not wait, the thread ends by itself.
  // No callback begins after it, if it is destroyed in a callback or, on an executor, on the one
  // thread that runs it.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Starts, or hurries a client that waits to retry. Otherwise nothing.
  void connect();

  // Ends whatever is under way; nothing comes back later. Subscriptions stay known.
  void disconnect();

  ClientStatus status() const;
  std::optional<ClientFailure> failure()
      const;  // why it has stopped for good; nothing while it has not

  // Kept until unsubscribe() or a refusal, over all reconnects. `handler` gets this channel's
  // messages after on_message.
  void subscribe(std::string channel, Handler handler = {});
  void unsubscribe(std::string channel);

  // `json` is sent as it is. False, and nothing sent or queued, while not connected, when more than
  // a mebibyte waits to be sent, or when `json` is not one JSON value. True promises no delivery.
  bool publish(std::string channel, std::string json);

  // What the platform says. No attempts while offline, one at once when back; loopback URLs don't
  // care.
  void set_online(bool online);

 private:
  class Shell;
  std::unique_ptr<Shell> shell_;
};

}  // namespace usher
