// The two calls of attempts: the token's, by a TokenProvider, and the ticket's. One token call serves
// all attempts that wait for it; each attempt has its own ticket call.
//
// Threads: belongs to the client's strand. Is held by a shared_ptr.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "client_net/credentials.h"
#include "client_net/post_call.h"
#include "client_net/token_desk.h"

namespace usher::client_net {

struct GatewayCallsOptions {
  std::string url;  // the gateway, with its path prefix if it has one
  std::optional<std::string> origin;
  std::shared_ptr<boost::asio::ssl::context> trust;
  std::string guest_file;     // for GuestTokenProvider; may be empty
  Credentials credentials{};  // go with the ticket call; may be empty
};

// What a call has led to. They may come before the call returns, and must do nothing when the
// caller is gone.
struct GatewayCallsEvents {
  std::function<void(client::Attempt, TokenAnswer)> token;
  std::function<void(client::Attempt, std::variant<IssuedTicket, client::HttpFailure>)> ticket;
  std::function<void(const std::string&)> detail;  // the reason behind a network error
  std::function<client::Instant()> now;
};

class GatewayCalls : public std::enable_shared_from_this<GatewayCalls> {
 public:
  // Requires that the URL is one (check_url). Throws std::invalid_argument if there are credentials
  // that would go over the network without TLS. Without a `provider` tokens come from the gateway's
  // guest endpoint.
  static std::shared_ptr<GatewayCalls> make(const boost::asio::any_io_executor& executor,
                                            GatewayCallsOptions options, GatewayCallsEvents events,
                                            std::unique_ptr<TokenProvider> provider);

  void fetch_token(const client::FetchToken& effect);

  // `token`: empty, where the credentials suffice. `body`: JSON, or empty.
  void fetch_ticket(client::Attempt attempt, const std::string& token, std::string body);

  // Gives up what is under way for the attempt: nothing of it is reported.
  void abort(client::Attempt attempt);

  // From now on tokens come from `provider`; nullptr: from the gateway's guest endpoint, kept in
  // `guest_file`.
  void use(std::unique_ptr<TokenProvider> provider, const std::string& guest_file);

  // The step that the attempt waits for, for a person.
  std::string what_hangs(client::Attempt attempt) const;

 private:
  GatewayCalls(const boost::asio::any_io_executor& executor, GatewayCallsOptions options,
               GatewayCallsEvents events);
  std::unique_ptr<TokenProvider> make_guests(const std::string& file);
  std::shared_ptr<http_client::Call> post(const char* path, std::optional<std::string> bearer,
                                          HeaderFields fields, std::string body,
                                          std::function<void(HttpAnswer)> done);
  void ticket_answered(client::Attempt attempt, const std::string& token, const HttpAnswer& answer);

  const std::unique_ptr<boost::asio::any_io_executor> executor_;
  const GatewayCallsOptions options_;
  const std::string base_url_;
  const GatewayCallsEvents events_;
  std::unique_ptr<TokenDesk> tokens_;
  std::weak_ptr<http_client::Call> guest_call_;
  std::map<client::Attempt, std::shared_ptr<http_client::Call>> ticket_calls_;
};

// Throws std::invalid_argument, with a sentence that says what to do, unless `url` is an http,
// https, ws or wss URL without user name and password.
void check_url(const std::string& url);

}  // namespace usher::client_net
