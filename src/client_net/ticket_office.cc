#include "client_net/ticket_office.h"

#include <utility>

#include <boost/asio/any_io_executor.hpp>

namespace usher::client_net {

std::shared_ptr<TicketOffice> TicketOffice::make(const boost::asio::any_io_executor& executor,
                                                 GatewayCallsOptions options,
                                                 TicketOfficeEvents events,
                                                 std::unique_ptr<TokenProvider> provider,
                                                 bool has_token) {
  check_url(options.url);
  std::shared_ptr<TicketOffice> office(new TicketOffice(executor, std::move(events), has_token));
  office->calls_ = GatewayCalls::make(office->loop_.executor(), std::move(options),
                                      office->calls_events(), std::move(provider));
  office->runner_.start(office->loop_.executor(), [weak = office->weak_from_this()] {
    if (const auto alive = weak.lock()) alive->runner_.take(client::Tick{});
  });
  return office;
}

TicketOffice::TicketOffice(const boost::asio::any_io_executor& executor, TicketOfficeEvents events,
                           bool has_token)
    : loop_(executor),
      events_(std::move(events)),
      runner_([this](const client::DeskOutput& output) { carry_out(output); }, has_token) {}

GatewayCallsEvents TicketOffice::calls_events() {
  const auto alive = [weak = weak_from_this()](auto then) {
    return [weak, then](auto&&... args) {
      if (const auto self = weak.lock()) then(*self, std::forward<decltype(args)>(args)...);
    };
  };
  return {.token = alive([](TicketOffice& self, client::Attempt attempt, TokenAnswer answer) {
            self.token_answered(attempt, std::move(answer));
          }),
          .ticket = alive([](TicketOffice& self, client::Attempt attempt,
                             std::variant<IssuedTicket, client::HttpFailure> answer) {
            self.ticket_answered(attempt, std::move(answer));
          }),
          .detail = alive([](TicketOffice& self, const std::string& text) {
            if (!self.closed_) self.events_.detail(text);
          }),
          .now = [this] { return runner_.now(); }};  // the calls are this object's
}

// Runs `work` on the loop, unless shut_down() comes first.
void TicketOffice::post(std::function<void(TicketOffice&)> work) {
  loop_.post([self = shared_from_this(), work = std::move(work)] {
    if (!self->closed_) work(*self);
  });
}

void TicketOffice::ask(std::string url, Done done) {
  post([url = std::move(url), done = std::move(done)](TicketOffice& self) {
    self.begin(url, done);
  });
}

void TicketOffice::report(client::DeskInput input) {
  post([input = std::move(input)](TicketOffice& self) { self.runner_.take(input); });
}

void TicketOffice::use(std::unique_ptr<TokenProvider> provider, std::string guest_file,
                       bool has_token) {
  // Shared, because work must be copyable.
  const auto next = std::make_shared<std::unique_ptr<TokenProvider>>(std::move(provider));
  post([next, guest_file = std::move(guest_file), has_token](TicketOffice& self) {
    self.calls_->use(std::move(*next), guest_file);
    self.runner_.take(client::Reset{has_token});
  });
}

void TicketOffice::shut_down() {
  loop_.post([self = shared_from_this()] {
    if (std::exchange(self->closed_, true)) return;
    for (const auto& [attempt, request] : self->requests_) self->calls_->abort(attempt);
    self->requests_.clear();
    self->runner_.stop();
  });
}

void TicketOffice::begin(std::string url, Done done) {
  if (requests_.size() >= kRequestsMax) {
    const client::Failed why{.status = {}, .code = {}, .reason = "too many requests"};
    return done(client::Ended{0, why, /*hard=*/false});
  }
  const client::Attempt attempt = ++last_attempt_;
  requests_[attempt].done = std::move(done);
  runner_.take(client::Ask{attempt, std::move(url)});
}

void TicketOffice::carry_out(const client::DeskOutput& output) {
  if (closed_) return;
  // The detail comes before the log lines of the failure, as for every other failure.
  for (const client::Effect& effect : output.effects) {
    const auto* const abort = std::get_if<client::Abort>(&effect);
    if (abort != nullptr && abort->timed_out && requests_.contains(abort->attempt))
      events_.detail(calls_->what_hangs(abort->attempt));
  }
  for (const client::LogLine& line : output.log) events_.log(line);
  for (const client::Effect& effect : output.effects) {
    std::visit([this](const auto& one) { perform(one); }, effect);
  }
  for (const client::DeskEvent& event : output.events) {
    std::visit([this](const auto& one) { tell(one); }, event);
  }
}

void TicketOffice::answer(client::Attempt attempt, const Issue& issue) {
  const auto request = requests_.extract(attempt);
  if (!request.empty() && !closed_) request.mapped().done(issue);
}

void TicketOffice::perform(const client::FetchToken& effect) { calls_->fetch_token(effect); }

void TicketOffice::perform(const client::FetchTicket& effect) {
  calls_->fetch_ticket(effect.attempt, effect.token, "");
}

void TicketOffice::perform(const client::OpenSocket& effect) {
  const auto request = requests_.find(effect.attempt);
  if (request == requests_.end()) return;
  answer(effect.attempt, Issued{effect.attempt, effect.url, request->second.ticket});
}

void TicketOffice::perform(const client::Abort& effect) { calls_->abort(effect.attempt); }

void TicketOffice::tell(const client::Failed& failed) {
  if (!closed_) events_.failed(failed);
}

// The end of a socket is the caller's own news.
void TicketOffice::tell(const client::Ended& ended) { answer(ended.attempt, ended); }

void TicketOffice::token_answered(client::Attempt attempt, TokenAnswer answer) {
  if (auto* token = std::get_if<FetchedToken>(&answer)) {
    return runner_.take(client::TokenReady{attempt, std::move(token->token), token->cached});
  }
  runner_.take(client::TokenFailed{attempt, std::get<client::HttpFailure>(std::move(answer))});
}

void TicketOffice::ticket_answered(client::Attempt attempt,
                                   std::variant<IssuedTicket, client::HttpFailure> answer) {
  if (auto* issued = std::get_if<IssuedTicket>(&answer)) {
    const auto request = requests_.find(attempt);
    if (request != requests_.end()) request->second.ticket = issued->ticket;
    return runner_.take(client::TicketReady{attempt, std::move(issued->ticket), issued->life});
  }
  runner_.take(client::TicketFailed{attempt, std::get<client::HttpFailure>(std::move(answer))});
}

}  // namespace usher::client_net
