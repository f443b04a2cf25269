#include "net/http_connection.h"

#include <utility>

#include "base/ascii.h"
#include "limits/address_key.h"
#include "net/http_socket.h"
#include "net/shard_context.h"
#include "wire/http_response.h"

namespace usher::net {
namespace {

// Returns all lines of the field as one: a proxy may append a line of its own behind the client's
// (RFC 9110 section 5.3).
std::string forwarded_for(const wire::HttpRequest& request) {
  constexpr std::string_view kName = "x-forwarded-for";
  std::string joined;
  for (const wire::HttpField& field : request.fields) {
    if (!equal_ignoring_case(field.name, kName)) continue;
    if (!joined.empty()) joined += ", ";
    joined += field.value;
  }
  return joined;
}

}  // namespace

std::shared_ptr<HttpConnection> HttpConnection::make(ShardContext& shard, std::string peer_address,
                                                     edge::ListenerRole role, bool secure) {
  // Proxies and peers on a unix socket hold connections for many clients; and monitoring must
  // always get through.
  const bool counted = peer_address != "unix" && edge::has_own_peers(role) &&
                       !shard.trusted_proxies().contains(peer_address);
  if (counted && !shard.dependencies().half_open.admit(limits::address_key(peer_address)))
    return nullptr;
  return std::shared_ptr<HttpConnection>(
      new HttpConnection(shard, std::move(peer_address), role, secure, counted));
}

HttpConnection::HttpConnection(ShardContext& shard, std::string peer_address,
                               edge::ListenerRole role, bool secure, bool half_open)
    : shard_(shard),
      parser_([this](const wire::HttpRequest& head) { return judge_head(head); },
              shard.options().head_bytes_max),
      peer_address_(std::move(peer_address)),
      body_hold_(shard.dependencies().body_room),
      role_(role),
      secure_(secure),
      half_open_(half_open) {}

HttpConnection::~HttpConnection() { leave_half_open(); }

void HttpConnection::leave_half_open() {
  if (std::exchange(half_open_, false))
    shard_.dependencies().half_open.release(limits::address_key(peer_address_));
}

// Returns how large the body of this request may be, before any of it is kept, and notes the
// client's address.
std::optional<std::size_t> HttpConnection::judge_head(const wire::HttpRequest& head) {
  see_client(shard_.trusted_proxies().client_of(peer_address_, forwarded_for(head)));
  const edge::BodyLimit limit = shard_.application().body_limit(context(head));
  if (!limit.wanted) return std::nullopt;
  caller_ = limit.from_backend ? Caller::backend : Caller::client;
  return limit.bytes_max;
}

void HttpConnection::see_client(std::string address) {
  client_address_ = std::move(address);
  client_is_shared_ = is_shared(client_address_);
}

void HttpConnection::hold_body() {
  if (socket_ == nullptr || stage_ != Stage::body) return;
  if (body_hold_.is_empty()) {
    body_hold_.set_owner(caller_, client_is_shared_ ? "" : limits::address_key(client_address_));
  }
  if (body_hold_.resize(rest_.capacity() + parser_.held_bytes())) return;
  refuse(503, "unfinished requests occupy all the memory that they may");
}

// Returns whether the address is a trusted proxy's that named no client, or a unix socket.
bool HttpConnection::is_shared(std::string_view address) const {
  return address == "unix" || shard_.trusted_proxies().contains(address);
}

void HttpConnection::start(HttpSocket& socket, TimePoint) {
  socket_ = &socket;
  enter(Stage::head);
}

void HttpConnection::enter(Stage stage) {
  if (stage == stage_ && stage != Stage::head) return;
  stage_ = stage;
  const ShardOptions& options = shard_.options();
  const TimePoint now = shard_.now();
  switch (stage) {
    case Stage::head:
      return socket_->set_deadline(now + options.head_timeout);
    case Stage::body:
      return socket_->set_deadline(now + options.body_timeout);
    case Stage::idle:
    case Stage::sending:
      return socket_->set_deadline(now + options.keep_alive_timeout);
    case Stage::answering:
    case Stage::ended:
      return socket_->set_deadline(std::nullopt);
  }
}

void HttpConnection::on_bytes(std::span<char> bytes) {
  if (stage_ == Stage::ended) return;
  if (rest_.empty()) {
    fresh_ = bytes;
  } else {
    rest_.append(bytes);
  }
  parse_one();
  if (socket_ != nullptr) rest_.append(fresh_);
  fresh_ = {};
  hold_body();
}

void HttpConnection::go_on() {
  if (socket_ == nullptr || !is_reading() || rest_.empty()) return;
  parse_one();
  hold_body();
}

// Takes at most one request, from the bytes of this read or from those that were put by.
void HttpConnection::parse_one() {
  if (!is_reading()) return;
  if (stage_ == Stage::idle) enter(Stage::head);
  const std::span<char> bytes = rest_.empty() ? fresh_ : rest_.bytes();
  switch (parser_.parse({bytes.data(), bytes.size()})) {
    case wire::HttpParser::State::need_more:
      if (parser_.take_expects_continue()) socket_->push_last(std::string(wire::kContinue));
      if (parser_.in_body()) enter(Stage::body);
      return socket_->set_reading(true);
    case wire::HttpParser::State::refused:
      if (parser_.refusal() == wire::HttpRefusal::body_too_large ||
          parser_.refusal() == wire::HttpRefusal::body_unwanted) {
        return take_request(parser_.request(), true);
      }
      return refuse(wire::status_of(parser_.refusal()), wire::reason_of(parser_.refusal()));
    case wire::HttpParser::State::complete:
      break;
  }
  // The request is handled before its bytes are consumed, because its views point there. An upgrade
  // takes the bytes behind it.
  const bool is_fresh = rest_.empty();
  following_ = bytes.subspan(parser_.consumed());
  take_request(parser_.request(), false);
  if (is_fresh) {
    fresh_ = std::exchange(following_, {});
  } else {
    rest_.keep_last(std::exchange(following_, {}).size());
  }
}

void HttpConnection::take_request(const wire::HttpRequest& request, bool body_too_large) {
  enter(Stage::answering);
  keep_alive_ = request.keep_alive && !body_too_large;
  head_only_ = request.method == "HEAD";
  minor_version_ = request.minor_version;
  if (!body_too_large && try_upgrade(request)) return;
  hand_to_router(request, body_too_large);
}

edge::RequestContext HttpConnection::context(const wire::HttpRequest& request) const {
  return {.request = request,
          .peer_address = client_address_,
          .address_is_shared = client_is_shared_,
          .secure = secure_,
          .listener = role_,
          .now = shard_.now(),
          .wall_now = shard_.dependencies().wall_clock.now()};
}

void HttpConnection::hand_to_router(const wire::HttpRequest& request, bool body_too_large) {
  edge::RequestContext exchange = context(request);
  exchange.body_too_large = body_too_large;
  socket_->set_reading(false);
  shard_.application().handle(exchange, [self = weak_from_this()](wire::HttpResponse response) {
    if (const auto http = self.lock()) http->answer(std::move(response));
  });
}

bool HttpConnection::try_upgrade(const wire::HttpRequest& request) {
  const auto endpoint = shard_.application().endpoint(request, role_);
  if (!endpoint) return false;
  const wire::Upgrade upgrade =
      wire::read_upgrade(request, *endpoint == edge::Endpoint::tunnel ? wire::Subprotocols::any
                                                                      : wire::Subprotocols::ours);
  switch (upgrade.outcome) {
    case wire::UpgradeOutcome::not_an_upgrade:
      return false;
    case wire::UpgradeOutcome::bad_request:
      refuse(400, "this is not a well-formed WebSocket upgrade (RFC 6455 section 4.2.1)", &request);
      return true;
    case wire::UpgradeOutcome::lone_ticket:
      refuse(400,
             *endpoint == edge::Endpoint::tunnel
                 ? "a ticket as subprotocol needs another subprotocol offered beside it"
                 : "a ticket as subprotocol needs 'usher.v1.json' offered beside it",
             &request);
      return true;
    case wire::UpgradeOutcome::wrong_version:
      refuse(426, "only version 13 of the WebSocket protocol is spoken", &request);
      return true;
    case wire::UpgradeOutcome::ok:
      break;
  }
  const bool has_ticket = upgrade.ticket_offer == wire::TicketOffer::one;
  if (auto refusal = shard_.application().admit(context(request), has_ticket)) {
    answer(std::move(*refusal));
    return true;
  }
  this->upgrade(*endpoint, request, upgrade);
  return true;
}

void HttpConnection::upgrade(edge::Endpoint endpoint, const wire::HttpRequest& request,
                             const wire::Upgrade& upgrade) {
  edge::Opening opening;
  opening.endpoint = endpoint;
  opening.origin = request.find("origin");
  opening.ticket_offer = upgrade.ticket_offer;
  opening.ticket = upgrade.ticket;
  opening.subprotocol = upgrade.subprotocol_offered;
  opening.peer_address = client_address_;

  stage_ = Stage::ended;
  HttpSocket& socket = *std::exchange(socket_, nullptr);
  const std::span<const char> first_bytes = std::exchange(following_, {});
  if (endpoint == edge::Endpoint::tunnel) {
    return socket.become_tunnel({.request = request,
                                 .opening = opening,
                                 .key = upgrade.key,
                                 .secure = is_secure(request),
                                 .proxy_is_trusted = is_proxy_trusted()},
                                first_bytes);
  }
  std::string switching;
  wire::append_switching_protocols(
      switching, upgrade.key,
      {.subprotocol = upgrade.subprotocol_offered ? wire::kSubprotocol : ""});
  socket.upgrade(opening, std::move(switching), first_bytes);
}

bool HttpConnection::is_proxy_trusted() const {
  return shard_.trusted_proxies().contains(peer_address_);
}

// A trusted proxy says how its own client came.
bool HttpConnection::is_secure(const wire::HttpRequest& request) const {
  if (!is_proxy_trusted()) return secure_;
  const auto proto = request.find("x-forwarded-proto");
  return proto ? equal_ignoring_case(*proto, "https") || equal_ignoring_case(*proto, "wss")
               : secure_;
}

void HttpConnection::answer(wire::HttpResponse response) {
  if (socket_ == nullptr || stage_ != Stage::answering) return;
  const bool keep_alive = keep_alive_ && !response.close && !shard_.is_draining();
  std::string bytes;
  wire::append_response(bytes, response,
                        {.keep_alive = keep_alive,
                         .head_only = head_only_,
                         .request_minor_version = minor_version_,
                         .date = shard_.dependencies().wall_clock.now()});
  socket_->push_last(std::move(bytes));
  if (!keep_alive) {
    enter(Stage::ended);
    return socket_->end_after_sending();
  }
  enter(Stage::sending);
}

void HttpConnection::on_sent() {
  if (socket_ == nullptr || stage_ != Stage::sending) return;
  enter(Stage::idle);
  parser_.forget_request();
  body_hold_.release();
  rest_.empty() ? socket_->set_reading(true) : socket_->ask_for_turn();
}

void HttpConnection::refuse(int status, std::string_view detail, const wire::HttpRequest* request) {
  stage_ = Stage::answering;
  keep_alive_ = false;
  const wire::HttpRequest unread;
  if (request == nullptr) see_client(peer_address_);
  wire::HttpResponse response =
      shard_.application().refuse(status, detail, context(request != nullptr ? *request : unread));
  response.close = true;
  answer(std::move(response));
}

void HttpConnection::on_deadline(TimePoint) {
  switch (stage_) {
    case Stage::idle:
    case Stage::sending:
      return socket_->abandon();
    case Stage::head:
    case Stage::body:
      // Empty lines are no request yet: the peer would take a 408 for the answer to its next
      // request.
      if (rest_.text().find_first_not_of("\r\n") == std::string_view::npos)
        return socket_->abandon();
      return refuse(408, "the request did not arrive in time");
    case Stage::answering:
    case Stage::ended:
      return;
  }
}

}  // namespace usher::net
