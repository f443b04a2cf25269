#include "api/api_result.h"

#include "auth/claim_selection.h"
#include "base/check.h"
#include "wire/json_writer.h"
#include "wire/protocol_reply.h"

namespace usher::api {
namespace {

// `{"name":…}`, around JSON.
std::string wrapped(std::string_view name, std::string_view json) {
  std::string out;
  wire::JsonObjectWriter object(out);
  object.raw(name, json);
  object.end();
  return out;
}

}  // namespace

std::string to_json(const hub::Position& position) {
  std::string out;
  wire::JsonObjectWriter object(out);
  object.count("offset", position.offset);
  object.text("epoch", position.epoch);
  object.end();
  return out;
}

std::string to_json(const hub::HistoryPage& page) {
  std::string out;
  wire::JsonObjectWriter object(out);
  wire::JsonArrayWriter publications(object.member("publications"));
  const hub::PublicationViews views(page.publications);
  for (const wire::Publication& publication : views.get()) {
    wire::append_publication(publications.element(), publication);
  }
  publications.end();
  object.string("epoch", page.position.epoch);
  object.number("offset", page.position.offset);
  object.end();
  return out;
}

std::string to_json(const std::vector<hub::ClientInfo>& clients) {
  std::string presence;
  wire::JsonObjectWriter object(presence);
  for (const hub::ClientInfo& client : clients) {
    wire::append_client_info(object.escaped_member(client.client), client.view());
  }
  object.end();
  return wrapped("presence", presence);
}

std::string to_json(const hub::PresenceStats& stats) {
  std::string out;
  wire::JsonObjectWriter object(out);
  object.number("num_clients", stats.clients);
  object.number("num_users", stats.users);
  object.end();
  return out;
}

std::string to_json(const ticket::Grant& grant, std::string_view client,
                    std::span<const std::string> claims) {
  std::string out;
  wire::JsonObjectWriter object(out);
  object.string("session", grant.session);
  object.string("user", grant.user);
  object.boolean("guest", grant.user.empty());
  wire::JsonArrayWriter channels(object.member("channels"));
  for (const std::string& channel : grant.channels) {
    wire::append_json_string(channels.element(), channel);
  }
  channels.end();
  const std::string told = auth::select_claims(grant.claims, claims);
  object.raw("claims", told.empty() ? "{}" : told);
  object.number("expire_at", grant.token_exp);
  object.string("client", client);
  object.end();
  return out;
}

ChannelsResult::ChannelsResult(hub::OrderAnswer answer, std::optional<ChannelPattern> pattern)
    : channels_(std::move(answer.channels)),
      truncated_(answer.truncated),
      pattern_(std::move(pattern)) {}

bool ChannelsResult::write_some() {
  const std::size_t steps_each = pattern_ ? pattern_->size() : 1;
  std::size_t steps = 0;
  for (; next_ != channels_.end(); ++next_) {
    const auto& [name, subscribers] = *next_;
    if (steps >= kSliceStepsMax) return false;
    steps += name.size() * steps_each;
    if (pattern_ && !pattern_->matches(name)) continue;
    if (out_.back() != '{') out_.push_back(',');
    wire::append_json_string(out_, name);
    out_.append(":{\"num_clients\":").append(std::to_string(subscribers)).append("}");
  }
  return true;
}

std::string ChannelsResult::take() {
  out_ += truncated_ ? "},\"truncated\":true}" : "}}";
  return std::move(out_);
}

std::string info_to_json(const std::vector<hub::NodeReport>& nodes,
                         const std::vector<std::string>& unreachable) {
  std::string out;
  wire::JsonObjectWriter result(out);
  wire::JsonArrayWriter array(result.member("nodes"));
  for (const hub::NodeReport& node : nodes) {
    wire::JsonObjectWriter object(array.element());
    object.string("uid", node.uid);
    object.string("name", node.uid);  // people have no other
    object.string("version", node.version);
    object.number("num_clients", node.info.clients);
    object.number("num_users", node.info.users);
    object.number("num_sessions", node.info.sessions);
    object.number("num_channels", node.info.channels);
    object.number("num_subs", node.info.subscriptions);
    object.number("uptime", node.uptime_s);
    object.end();
  }
  array.end();
  if (!unreachable.empty()) {
    wire::JsonArrayWriter uids(result.member("unreachable"));
    for (const std::string& uid : unreachable) wire::append_json_string(uids.element(), uid);
    uids.end();
  }
  result.end();
  return out;
}

std::string to_json(const ApiError& error) {
  std::string out;
  wire::JsonObjectWriter object(out);
  object.number("code", wire::error_code(error.code));
  object.string("message", wire::error_message(error.code));
  object.text("reason", error.reason);
  object.text("detail", error.detail);
  object.end();
  return out;
}

ApiOutcome outcome_of_publication(const Result<hub::Position, hub::Error>& position) {
  if (!position && position.error() == hub::Error::not_available) {
    return ApiError{hub::Error::not_available,
                    "'version' is compared with a channel's history, and the channel's namespace "
                    "keeps none (history_size)"};
  }
  return to_outcome(position);
}

std::string to_reply(const ApiOutcome& outcome, std::string_view name) {
  return outcome ? wrapped(name, *outcome) : wrapped("error", to_json(outcome.error()));
}

std::string join(std::string_view name, const std::vector<std::string>& replies) {
  std::string all;
  wire::JsonArrayWriter array(all);
  for (const std::string& reply : replies) array.element() += reply;
  array.end();
  return wrapped(name, all);
}

std::string join_lines(const std::vector<std::string>& replies) {
  std::string all;
  for (const std::string& reply : replies) {
    if (!all.empty()) all.push_back('\n');
    all += reply;
  }
  return all;
}

metrics::CountedStatus transport_status(wire::ProtocolError error) {
  switch (error) {
    case wire::ProtocolError::unauthorized:
      return 401;
    case wire::ProtocolError::permission_denied:
      return 403;
    case wire::ProtocolError::unknown_channel:
    case wire::ProtocolError::method_not_found:
      return 404;
    case wire::ProtocolError::already_subscribed:
      return 409;
    case wire::ProtocolError::limit_exceeded:
      return 413;
    case wire::ProtocolError::unrecoverable_position:
      return 416;
    case wire::ProtocolError::too_many_requests:
      return 429;
    case wire::ProtocolError::bad_request:
    case wire::ProtocolError::not_available:
    case wire::ProtocolError::token_expired:
    case wire::ProtocolError::expired:
      return 400;
    case wire::ProtocolError::internal:
      return 500;
  }
  USHER_CHECK(false);
}

}  // namespace usher::api
