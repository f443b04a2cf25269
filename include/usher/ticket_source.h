// usher's tickets for a WebSocket library of your own: the sockets, and what is said over them, are
// yours.
//
// One request is one check of the token and one new ticket. The ticket opens one WebSocket (RFC
// 6455) on a path of the gateway, once, for 30 seconds. You report how the socket fared, and
// request the next ticket when you want the next socket:
//
// - After a hard failure, of a call or of a socket, every request fails at once with the same code,
//   and nothing leaves the machine, until reset().
// - After a soft failure the next request waits as long as usher::Client would: 250 ms, doubled
//   with each failure in a row up to 5 s, with jitter, and never less than the gateway asks for. So
//   you may request again at once, in a loop.
//
//   #include <usher/ticket_source.h>
//
//   #include <future>
//   #include <iostream>
//
//   int main() {
//     usher::TicketSource tickets({.url = "https://gw.example"});
//     for (;;) {
//       std::promise<usher::TicketResult> promise;
//       tickets.request("/board?room=7", [&](usher::TicketResult result) {
//         promise.set_value(std::move(result));
//       });
//       const usher::TicketResult result = promise.get_future().get();
//       if (!result.ticket && result.failure.hard) return 1;  // log in again, then reset()
//       if (!result.ticket) continue;
//       // Open result.ticket->url() with your library, and offer the subprotocols
//       // usher.accepted and usher.refused beside your own. Then report:
//       std::cout << "a ticket is here\n";
//       result.ticket->opened("usher.accepted");
//       result.ticket->ended(1000, "");
//     }
//   }
//
// Threads: every function may be called from any thread, and from inside a callback. Callbacks run
//   one at a time: on the source's own thread, or on the executor that it was given. They must not
//   block. They may call every function of the source, throw, and destroy the source. An exception
//   of theirs is reported to `on_detail`, or to `on_log` where `on_detail` is not set, and has no
//   other effect.
// Owns: its thread, its calls, and copies of all that it is given.
// Errors: the constructor and request() throw std::invalid_argument for a URL or path that cannot
//   be used. Nothing else throws but for lack of memory. No callback and no log line contains a
//   token or a ticket; a Ticket does.
// Limits: kRequestsMax requests wait at a time.
//
// docs/client-cpp.md is the guide; docs/contract.md says what is hard and what is soft.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "usher/client.h"

namespace usher {

// Only `url` is required. Callbacks that are not set are not called, except `on_log`.
struct TicketSourceOptions {
  // The gateway: http, https, ws or wss, with its path prefix if it has one. No user name or
  // password.
  std::string url;

  TokenSource token_source = TokenSource::guest();

  // As ClientOptions::credentials.
  CredentialsFunction credentials{};

  // Sent as Origin (RFC 6454, section 7) with the ticket call. Your socket must send the same one.
  // Programs need none.
  std::optional<std::string> origin{};

  // A PEM file with certificates to trust beside the system's, for the token and ticket calls.
  std::string ca_file{};

  // A hard failure has happened: from now on every request fails. Comes once for each.
  std::function<void(const ClientFailure&)> on_failed{};

  // One line for a log, without a line end; the same lines as usher::Client's. Not set: lines go to
  // standard error.
  std::function<void(ClientLogLevel, const std::string&)> on_log{};

  // Details for a person: the reason behind a NetworkError or TimeoutError in the log, or the
  // exception that a callback or token source has thrown.
  std::function<void(const std::string&)> on_detail{};
};

// A ticket, and the reports about the socket that it opens. Copies are the same ticket.
//
// Keep a copy for as long as the socket lives. If all copies are destroyed before ended(), the
// source counts the socket as given up: before opened() as a soft failure, after it as none.
//
// Threads: any, at any time, also after the source is destroyed.
class Ticket {
 public:
  // The URL to open, with the ticket in its query: ws or wss. It is a secret: never log it. Valid
  // as long as a copy of this Ticket.
  const std::string& url() const;

  // The ticket alone: for a library that sends it as the subprotocol `usher.ticket.<ticket>`, or
  // for a server elsewhere that redeems tickets itself. As secret, and as long valid.
  const std::string& text() const;

  // The gateway has answered 101. `subprotocol`: the one that it has selected; after
  // `usher.refused` a close frame says why the socket is not let in. Call it within 10 seconds:
  // after that the ticket counts as failed by a timeout, and later reports are ignored.
  void opened(std::string_view subprotocol = {}) const;

  // The socket has ended, or could not be opened. `code` and `reason` are those of the gateway's
  // close frame (RFC 6455, section 7.4); 1005 if it had no code, 1006 if none came. The first call
  // counts.
  void ended(std::uint16_t code, std::string_view reason = {}) const;

  // For the source itself.
  struct State;
  explicit Ticket(std::shared_ptr<State> state) : state_(std::move(state)) {}

 private:
  std::shared_ptr<State> state_;
};

// Why there is no ticket.
struct TicketFailure {
  // A failure without `http_status` and `close_code` had no answer: `reason` is "network error",
  // "timeout", or "too many requests".
  ClientFailure why{};

  // True: every request fails with the same until reset(). False: request again whenever you like.
  bool hard = false;
};

// The one answer to a request.
struct TicketResult {
  std::optional<Ticket> ticket{};

  // Meaningful if there is no ticket.
  TicketFailure failure{};
};

class TicketSource {
 public:
  static constexpr std::size_t kRequestsMax = 1024;

  // A source with a thread of its own. Throws std::invalid_argument if the URL is none or `ca_file`
  // cannot be used; the message says what to do. Throws std::system_error if the system is out of
  // threads or descriptors.
  explicit TicketSource(TicketSourceOptions options);

  // A source on `executor`, which must outlive it and may be run by several threads. Throws as
  // above.
  TicketSource(TicketSourceOptions options, const boost::asio::any_io_executor& executor);

  // Gives up all requests, without callbacks. With a thread of its own it waits for that thread,
  // unless it is called inside a callback. No callback begins after it has returned, with one
  // exception: on an executor that other threads run, a callback that was about to begin may still
  // run.
  ~TicketSource();
  TicketSource(const TicketSource&) = delete;
  TicketSource& operator=(const TicketSource&) = delete;

  // Asks for a ticket for the socket at `path` below the gateway's URL: "/board?room=7", or "" for
  // the URL itself. Calls `done` once, never inline. The request waits until the backoff after the
  // last failure is over, and after a failure one request at a time goes on; then each of its calls
  // takes at most 10 seconds. If kRequestsMax requests wait already, it fails softly at once. Throws
  // std::invalid_argument unless `path` is empty or begins with "/" or "?", is visible ASCII, and
  // has no query parameter `ticket`.
  using Done = std::function<void(TicketResult)>;
  void request(std::string path, Done done);

  // Forgets the hard failure, for example after a login. The next request begins at the earliest a
  // second after the attempt that has failed began; after a 401 with a fresh token.
  void reset();

  // The same, and from now on tokens come from `token_source`.
  void reset(TokenSource token_source);

  // Returns the hard failure for which every request fails; nullopt while there is none. It is the
  // state of a moment ago.
  std::optional<ClientFailure> failure() const;

 private:
  class Shell;
  std::unique_ptr<Shell> shell_;
};

}  // namespace usher
