// usher::TicketSource: a TicketOffice behind the public header, with a thread of its own unless an
// executor was given.
#include "usher/ticket_source.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "client/socket_url.h"
#include "client_net/callbacks.h"
#include "client_net/lifeline.h"
#include "client_net/own_thread.h"
#include "client_net/ticket_office.h"
#include "client_net/token_source_reader.h"
#include "http_client/tls_trust.h"

namespace usher {

using client_net::TicketOffice;
using Line = client_net::Lifeline<TicketOffice>;

static_assert(TicketSource::kRequestsMax == TicketOffice::kRequestsMax);

// When the last copy is gone, the ticket is given up. After ended() that says nothing.
struct Ticket::State {
  State(client_net::Issued issued, std::shared_ptr<Line> line)
      : issued_(std::move(issued)), line_(std::move(line)) {}
  ~State() { report(client::Leave{issued_.attempt}); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void report(client::DeskInput input) const {
    line_->with([&](TicketOffice& office) { office.report(std::move(input)); });
  }

  const client_net::Issued issued_;
  const std::shared_ptr<Line> line_;
};

const std::string& Ticket::url() const { return state_->issued_.url; }

const std::string& Ticket::text() const { return state_->issued_.ticket; }

void Ticket::opened(std::string_view subprotocol) const {
  state_->report(client::SocketOpen{state_->issued_.attempt, std::string(subprotocol)});
}

void Ticket::ended(std::uint16_t code, std::string_view reason) const {
  constexpr std::uint16_t kNoCloseFrame = 1006;
  state_->report(client::SocketClosed{state_->issued_.attempt, code, std::string(reason),
                                      code != kNoCloseFrame});
}

namespace {

void check_path(const std::string& path) {
  const bool begins = path.empty() || path.front() == '/' || path.front() == '?';
  const bool visible = std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7F; });
  if (!begins || !visible)
    throw std::invalid_argument(
        "not a path: give it as /path?query, percent-encoded, or leave it empty");
  if (client::names_ticket(path))
    throw std::invalid_argument("the path must have no parameter \"ticket\": usher adds its own");
}

TicketResult to_public(const client_net::Issue& issue, const std::shared_ptr<Line>& line) {
  if (const auto* issued = std::get_if<client_net::Issued>(&issue))
    return {.ticket = Ticket(std::make_shared<Ticket::State>(*issued, line))};
  const auto& ended = std::get<client::Ended>(issue);
  return {.ticket = {}, .failure = {.why = client_net::to_public(ended.why), .hard = ended.hard}};
}

}  // namespace

class TicketSource::Shell {
 public:
  // Without an `executor` it has a thread of its own.
  Shell(const TicketSourceOptions& options, const boost::asio::any_io_executor* executor)
      : thread_(executor),
        base_url_(client::base_url(options.url)),
        credentials_(options.credentials),
        callbacks_(std::make_shared<client_net::Callbacks>(options.on_log, options.on_detail)),
        office_(make_office(options)) {
    line_->tie(office_);
    thread_.start();
  }

  ~Shell() {
    callbacks_->mute();
    office_->shut_down();
    line_->cut();
  }

  TicketOffice& office() { return *office_; }

  void request(const std::string& path, Done done) {
    office_->ask(base_url_ + path, [callbacks = callbacks_, line = line_,
                                    done = std::move(done)](const client_net::Issue& issue) {
      callbacks->call([&] { done(to_public(issue, line)); });
    });
  }

  void use(const TokenSource& source) {
    office_->use(provider(source), TokenSourceReader::guest_file(source),
                 TokenSourceReader::has_token(source, credentials_));
  }

 private:
  std::unique_ptr<client_net::TokenProvider> provider(const TokenSource& source) const {
    const auto post = [line = line_](std::function<void()> work) {
      post_to(*line, std::move(work));
    };
    const auto fault = [callbacks = callbacks_](const std::string& text) {
      callbacks->fault(text);
    };
    return TokenSourceReader::provider(source, post, fault);
  }

  std::shared_ptr<TicketOffice> make_office(const TicketSourceOptions& options) const {
    client_net::TicketOfficeEvents events{
        .log = [callbacks = callbacks_](const client::LogLine& line) { callbacks->log(line); },
        .failed =
            [callbacks = callbacks_, on_failed = options.on_failed](const client::Failed& failed) {
              if (on_failed) callbacks->call([&] { on_failed(client_net::to_public(failed)); });
            },
        .detail = [callbacks = callbacks_](const std::string& text) { callbacks->detail(text); }};
    const auto fault = [callbacks = callbacks_](const std::string& text) {
      callbacks->fault(text);
    };
    return TicketOffice::make(
        thread_.executor(),
        {.url = options.url,
         .origin = options.origin,
         .trust = http_client::make_tls_trust(options.ca_file),
         .guest_file = TokenSourceReader::guest_file(options.token_source),
         .credentials = TokenSourceReader::credentials(options.credentials, fault)},
        std::move(events), provider(options.token_source),
        TokenSourceReader::has_token(options.token_source, options.credentials));
  }

  client_net::OwnThread thread_;  // ends last
  const std::string base_url_;
  const CredentialsFunction credentials_;
  const std::shared_ptr<Line> line_ = std::make_shared<Line>();
  const std::shared_ptr<client_net::Callbacks> callbacks_;
  const std::shared_ptr<TicketOffice> office_;
};

TicketSource::TicketSource(TicketSourceOptions options)
    : shell_(std::make_unique<Shell>(options, nullptr)) {}

TicketSource::TicketSource(TicketSourceOptions options,
                           const boost::asio::any_io_executor& executor)
    : shell_(std::make_unique<Shell>(options, &executor)) {}

TicketSource::~TicketSource() = default;

void TicketSource::request(std::string path, Done done) {
  check_path(path);
  shell_->request(path, std::move(done));
}

void TicketSource::reset() { shell_->office().report(client::Reset{}); }

void TicketSource::reset(TokenSource token_source) { shell_->use(token_source); }

std::optional<ClientFailure> TicketSource::failure() const {
  const auto failed = shell_->office().failure();
  if (!failed) return std::nullopt;
  return client_net::to_public(*failed);
}

}  // namespace usher
