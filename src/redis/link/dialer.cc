#include "redis/link/dialer.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "redis/link/command.h"
#include "redis/link/sentinel.h"

namespace usher::redis {
namespace {

constexpr Duration kStable = std::chrono::seconds(1);

std::string timeout_text(Duration timeout, Connection::Stage stage) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
  const std::string text = "no answer within " + std::to_string(ms) + " ms";
  switch (stage) {
    case Connection::Stage::resolving:
      return text + ": its host's name is still being looked up";
    case Connection::Stage::connecting:
      return text + ": no connection comes about; is the port right, and open in the firewall?";
    case Connection::Stage::shaking_hands:
      return text +
             ": TLS does not begin; if its port is one without TLS, write redis:// instead "
             "of rediss://";
    case Connection::Stage::open:
      return text + " to the first commands";
  }
  return text;
}

// Why a sentinel's answer names no master.
std::string no_master(const Reply& answer, const std::string& name) {
  const std::string& said = answer.text;
  if (!answer.is_error()) return "it knows no master of that name, '" + name + "' (redis.master)";
  if (said.starts_with("ERR unknown command")) {
    return "it knows no master of that name: it is no Sentinel but a Redis; name it in redis.url";
  }
  if (said.starts_with("NOAUTH")) {
    return "it wants a password; write redis://:PASSWORD@host:port in redis.sentinels";
  }
  return "it knows no master of that name: " + std::string(answer.error_code());
}

}  // namespace

bool Destination::uses_tls() const {
  return address.kind == Address::Kind::tls || std::ranges::any_of(sentinels, [](const Address& s) {
           return s.kind == Address::Kind::tls;
         });
}

Dialer::Dialer(DialerOptions options, Destination destination, Dependencies dependencies,
               Dialer::Listener& listener)
    : options_(options),
      destination_(std::move(destination)),
      dependencies_(std::move(dependencies)),
      listener_(listener),
      backoff_(dependencies_.entropy),
      timer_(dependencies_.io, [this] { dependencies_.turn([this] { on_timer(); }); }),
      stable_(dependencies_.io, [this] { backoff_.succeeded(); }) {
  USHER_CHECK(!destination_.uses_tls() || destination_.trust != nullptr);
  dependencies_.health.add();
}

Dialer::~Dialer() {
  dependencies_.health.remove(is_up());
  drop();
}

void Dialer::start() {
  USHER_CHECK(state_ == DialerState::idle);
  attempt();
}

// The only place that changes the state, and that sets the timer of the new one.
void Dialer::enter(DialerEvent event) {
  const auto state = next(state_, event);
  USHER_CHECK(state);
  state_ = *state;
  switch (state_) {
    case DialerState::idle:
      return;
    case DialerState::asking:
      return timer_.arm(options_.sentinel_timeout);
    case DialerState::greeting:
      return timer_.arm(options_.connect_timeout);
    case DialerState::up:
      timer_.disarm();
      return stable_.arm(kStable);
    case DialerState::waiting:
      return timer_.arm(backoff_.failed());
  }
}

void Dialer::drop() {
  timer_.disarm();
  stable_.disarm();
  if (connection_) std::exchange(connection_, nullptr)->close();
  heard_.clear();
  server_ = {};
}

// ---- one attempt ----

void Dialer::attempt() {
  if (destination_.sentinels.empty()) return greet(destination_.address, DialerEvent::dial);
  sentinels_left_ = destination_.sentinels.size();
  ask_sentinel(DialerEvent::ask);
}

void Dialer::open(Address address) {
  address_ = std::move(address);
  connection_ =
      Connection::open(dependencies_.io, address_, destination_.trust, options_.replies, *this);
}

void Dialer::ask_sentinel(DialerEvent event) {
  enter(event);
  open(destination_.sentinels[sentinel_ % destination_.sentinels.size()]);
}

void Dialer::hear_sentinel() {
  if (heard_.size() > 1 && heard_.front().is_error()) {
    return sentinel_failed("user or password refused: " + std::string(heard_.front().error_code()));
  }
  const auto found = master_address(heard_.back());
  if (!found) return sentinel_failed(no_master(heard_.back(), destination_.master));
  Address master = destination_.address;
  master.host = found->host;
  master.port = found->port;
  drop();
  greet(std::move(master), DialerEvent::master_found);
}

void Dialer::sentinel_failed(std::string_view reason) {
  ++sentinel_;
  if (--sentinels_left_ == 0) return attempt_failed("no sentinel helps: " + std::string(reason));
  drop();
  ask_sentinel(DialerEvent::ask_next);
}

void Dialer::greet(Address address, DialerEvent event) {
  enter(event);
  open(std::move(address));
}

void Dialer::hear_greeting() {
  auto judged = Handshake(address_).judge(heard_);
  if (!judged) {
    ++sentinel_;  // this one may not know the new master yet
    return attempt_failed(to_string(judged.error()));
  }
  heard_.clear();
  enter(DialerEvent::greeted);
  server_ = std::move(*judged);
  ++connections_;
  dependencies_.health.on_up(address_.for_log(), server_.version);
  listener_.on_up();
}

// ---- what the connection and the timer say ----

void Dialer::on_open() {
  std::string request;
  if (state_ == DialerState::asking) {
    awaited_ = write_credentials(request, address_) + 1;
    write_command(request, {"SENTINEL", "get-master-addr-by-name", destination_.master});
  } else {
    const Handshake handshake(address_);
    awaited_ = handshake.replies();
    request = handshake.request();
  }
  connection_->send(request);
}

void Dialer::on_replies(std::vector<Reply> replies) {
  dependencies_.turn([&] {
    if (state_ == DialerState::up) return listener_.on_answers(std::move(replies));
    for (Reply& reply : replies) heard_.push_back(std::move(reply));
    if (heard_.size() < awaited_) return;
    if (heard_.size() > awaited_) return broken("it answers what nobody asked");
    state_ == DialerState::asking ? hear_sentinel() : hear_greeting();
  });
}

void Dialer::on_broken(std::string reason) {
  dependencies_.turn([&] { broken(reason); });
}

void Dialer::broken(std::string_view reason) {
  if (state_ == DialerState::up) return lost(reason);
  const std::string whole = std::string(reason) + last_words();
  state_ == DialerState::asking ? sentinel_failed(whole) : attempt_failed(whole);
}

// A Redis that is full or in protected mode says so and closes. No other answer to AUTH is shown: a
// server that does not know AUTH repeats the password, or a part of it.
std::string Dialer::last_words() const {
  if (heard_.empty() || !heard_.back().is_error()) return {};
  const std::string& said = heard_.back().text;
  const bool answers_auth = heard_.size() == 1 && !address_.password.empty();
  const bool says_why =
      said.starts_with("ERR max number of clients") || said.starts_with("DENIED ");
  if (answers_auth && !says_why) return {};
  return ": " + said;
}

void Dialer::on_timer() {
  switch (state_) {
    case DialerState::asking:
      return sentinel_failed(timeout_text(options_.sentinel_timeout, connection_->stage()));
    case DialerState::greeting:
      ++sentinel_;
      return attempt_failed(timeout_text(options_.connect_timeout, connection_->stage()));
    case DialerState::waiting:
      return attempt();
    case DialerState::idle:
    case DialerState::up:
      return;
  }
}

// ---- the end of an attempt, and of a connection ----

void Dialer::attempt_failed(std::string_view reason) {
  dependencies_.health.on_refused(address_.for_log(), reason);
  drop();
  enter(DialerEvent::failed);
}

void Dialer::lost(std::string_view reason) {
  dependencies_.health.on_lost(address_.for_log(), reason);
  drop();
  enter(DialerEvent::lost);
  listener_.on_down();
}

void Dialer::fail(std::string_view reason) {
  USHER_CHECK(is_up());
  lost(reason);
}

}  // namespace usher::redis
