#include "client_net/gateway_calls.h"

#include <stdexcept>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "client/socket_url.h"
#include "client_net/guest_token_provider.h"

namespace usher::client_net {

void check_url(const std::string& url) {
  const auto endpoint = http_client::parse_url(url);
  if (endpoint) return;
  switch (endpoint.error()) {
    case http_client::UrlError::malformed:
      throw std::invalid_argument("not a URL: give it as https://host[:port][/path]");
    case http_client::UrlError::scheme_unknown:
      throw std::invalid_argument("the URL must begin with http, https, ws or wss");
    case http_client::UrlError::holds_credentials:
      throw std::invalid_argument("the URL must hold no user name or password");
  }
}

std::shared_ptr<GatewayCalls> GatewayCalls::make(const boost::asio::any_io_executor& executor,
                                                 GatewayCallsOptions options,
                                                 GatewayCallsEvents events,
                                                 std::unique_ptr<TokenProvider> provider) {
  if (options.credentials) check_credentials_url(options.url);
  std::shared_ptr<GatewayCalls> calls(
      new GatewayCalls(executor, std::move(options), std::move(events)));
  if (!provider) provider = calls->make_guests(calls->options_.guest_file);
  // The calls own the desk, and so outlive it.
  calls->tokens_ = std::make_unique<TokenDesk>(
      std::move(provider), [self = calls.get()](client::Attempt attempt, TokenAnswer answer) {
        self->events_.token(attempt, std::move(answer));
      });
  return calls;
}

GatewayCalls::GatewayCalls(const boost::asio::any_io_executor& executor,
                           GatewayCallsOptions options, GatewayCallsEvents events)
    : executor_(std::make_unique<boost::asio::any_io_executor>(executor)),
      options_(std::move(options)),
      base_url_(client::base_url(options_.url)),
      events_(std::move(events)) {}

std::unique_ptr<TokenProvider> GatewayCalls::make_guests(const std::string& file) {
  auto ask = [this](std::optional<std::string> bearer, std::function<void(HttpAnswer)> done) {
    auto call = post("/auth/token", std::move(bearer), {}, "", std::move(done));
    guest_call_ = call;
    return [call = std::move(call)] { call->cancel(); };
  };
  return std::make_unique<GuestTokenProvider>(TokenFile(file, base_url_), std::move(ask),
                                              events_.now);
}

void GatewayCalls::fetch_token(const client::FetchToken& effect) {
  const Freshness wanted = effect.renew   ? Freshness::renewed
                           : effect.fresh ? Freshness::fresh
                                          : Freshness::any;
  tokens_->fetch(effect.attempt, wanted);
}

void GatewayCalls::fetch_ticket(client::Attempt attempt, const std::string& token,
                                std::string body) {
  std::optional<HeaderFields> fields =
      options_.credentials ? options_.credentials() : HeaderFields();
  if (!fields) return events_.ticket(attempt, client::HttpFailure{});
  std::optional<std::string> bearer;
  if (!token.empty()) bearer = token;
  if (const auto fault = fault_of(*fields, bearer.has_value())) {
    events_.detail("the credentials cannot be sent: " + *fault);
    return events_.ticket(attempt,
                          client::HttpFailure{.status = 401, .code = "INVALID_CREDENTIALS"});
  }
  ticket_calls_[attempt] = post("/auth/ticket", std::move(bearer), *std::move(fields),
                                std::move(body), [this, attempt, token](const HttpAnswer& answer) {
                                  ticket_answered(attempt, token, answer);
                                });
}

void GatewayCalls::abort(client::Attempt attempt) {
  tokens_->abort(attempt);
  const auto call = ticket_calls_.extract(attempt);
  if (!call.empty()) call.mapped()->cancel();
}

void GatewayCalls::use(std::unique_ptr<TokenProvider> provider, const std::string& guest_file) {
  tokens_->use(provider ? std::move(provider) : make_guests(guest_file));
}

std::string GatewayCalls::what_hangs(client::Attempt attempt) const {
  const auto ticket = ticket_calls_.find(attempt);
  if (ticket != ticket_calls_.end())
    return "/auth/ticket: no answer in time: " + ticket->second->step();
  const auto call = guest_call_.lock();
  return call ? "/auth/token: no answer in time: " + call->step()
              : "the token source has not answered in time";
}

std::shared_ptr<http_client::Call> GatewayCalls::post(const char* path,
                                                      std::optional<std::string> bearer,
                                                      HeaderFields fields, std::string body,
                                                      std::function<void(HttpAnswer)> done) {
  PostRequest request{.endpoint = *http_client::parse_url(base_url_ + path),
                      .bearer = std::move(bearer),
                      .api_key = {},
                      .origin = options_.origin,
                      .fields = std::move(fields),
                      .body = std::move(body)};
  return start_post(
      *executor_, options_.trust, std::move(request),
      [weak = weak_from_this(), path, done = std::move(done)](const HttpAnswer& answer) {
        const auto self = weak.lock();
        if (!self) return;
        if (!answer.status) self->events_.detail(std::string(path) + ": " + answer.detail);
        done(answer);
      });
}

void GatewayCalls::ticket_answered(client::Attempt attempt, const std::string& token,
                                   const HttpAnswer& answer) {
  ticket_calls_.erase(attempt);
  auto read = read_ticket_answer(answer);
  // An expired token can still be the Bearer of its own renewal. Any other refusal is final.
  const auto* const failure = std::get_if<client::HttpFailure>(&read);
  const bool refused = failure && failure->status == 401 && failure->code != "TOKEN_EXPIRED";
  if (refused && !token.empty()) tokens_->refused(token);
  events_.ticket(attempt, std::move(read));
}

}  // namespace usher::client_net
