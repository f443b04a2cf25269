// Carries out the effects of a TicketDesk up to the ticket, and hands it the answers. The sockets
// are the caller's own, and so are the reports about them.
//
// Threads: ask(), report(), use(), shut_down() and failure() from any thread, the rest on the loop.
//   Events come on the loop.
// Owns: calls, the timer. Is held by a shared_ptr.
// Limits: kRequestsMax asks wait for their answers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "client_net/core_runner.h"
#include "client_net/gateway_calls.h"
#include "client_net/loop.h"

namespace usher::client_net {

// An ask has led to a ticket.
struct Issued {
  client::Attempt attempt;
  std::string url;     // of the socket; holds the ticket: never log it
  std::string ticket;  // as secret
};

// The answer to an ask.
using Issue = std::variant<Issued, client::Ended>;

// All must be set. They must not throw.
struct TicketOfficeEvents {
  std::function<void(const client::LogLine&)> log;
  std::function<void(const client::Failed&)> failed;
  std::function<void(const std::string&)> detail;
};

class TicketOffice final : public std::enable_shared_from_this<TicketOffice> {
 public:
  static constexpr std::size_t kRequestsMax = 1024;

  // Throws std::invalid_argument if the URL is none, or not one for credentials. Without a
  // `provider` tokens come from the gateway's guest endpoint. Without `has_token` the credentials
  // suffice, and no token is fetched.
  static std::shared_ptr<TicketOffice> make(const boost::asio::any_io_executor& executor,
                                            GatewayCallsOptions options, TicketOfficeEvents events,
                                            std::unique_ptr<TokenProvider> provider,
                                            bool has_token = true);

  // Calls `done` once, never inline, unless shut_down() comes first. `done` must not throw.
  using Done = std::function<void(const Issue&)>;
  void ask(std::string url, Done done);

  // Hands in SocketOpen, SocketClosed or Leave of a ticket, or Reset.
  void report(client::DeskInput input);

  // From now on tokens come from `provider`; nullptr: from the gateway's guest endpoint, kept in
  // `guest_file`. The hard failure is forgotten.
  void use(std::unique_ptr<TokenProvider> provider, std::string guest_file, bool has_token);

  // Gives up everything. No event and no `done` is called after it, except one that is already
  // running.
  void shut_down();

  std::optional<client::Failed> failure() const { return runner_.failure(); }

  Loop& loop() { return loop_; }

 private:
  struct Request {
    Done done;
    std::string ticket{};
  };

  TicketOffice(const boost::asio::any_io_executor& executor, TicketOfficeEvents events,
               bool has_token);
  GatewayCallsEvents calls_events();
  void post(std::function<void(TicketOffice&)> work);

  void begin(std::string url, Done done);
  void carry_out(const client::DeskOutput& output);
  void answer(client::Attempt attempt, const Issue& issue);

  void perform(const client::FetchToken& effect);
  void perform(const client::FetchTicket& effect);
  void perform(const client::OpenSocket& effect);
  void perform(const client::Send&) {}         // a raw session sends nothing,
  void perform(const client::CloseSocket&) {}  // and the sockets are the caller's
  void perform(const client::Abort& effect);
  void perform(const client::AbortRefresh&) {}  // and is never refreshed

  void tell(const client::Opened&) {}
  void tell(const client::Failed& failed);
  void tell(const client::Ended& ended);

  void token_answered(client::Attempt attempt, TokenAnswer answer);
  void ticket_answered(client::Attempt attempt,
                       std::variant<IssuedTicket, client::HttpFailure> answer);

  Loop loop_;

  // On the loop only.
  const TicketOfficeEvents events_;
  bool closed_ = false;
  DeskRunner runner_;
  std::shared_ptr<GatewayCalls> calls_;
  client::Attempt last_attempt_ = 0;
  std::map<client::Attempt, Request> requests_;  // that have no answer yet
};

}  // namespace usher::client_net
