#include "api/api_result.h"

#include "base/check.h"
#include "wire/json.h"
#include "wire/protocol_reply.h"

namespace usher::api {
namespace {

void append_number(std::string& out, std::string_view name, std::uint64_t value) {
  if (out.back() != '{') out.push_back(',');
  out.append("\"").append(name).append("\":").append(std::to_string(value));
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out.push_back(',');
  out.append("\"").append(name).append("\":");
  wire::append_json_string(out, value);
}

}  // namespace

std::string to_json(const hub::Position& position) {
  std::string out = "{";
  if (position.offset != 0) append_number(out, "offset", position.offset);
  if (!position.epoch.empty()) append_text(out, "epoch", position.epoch);
  return out + "}";
}

std::string to_json(const hub::HistoryPage& page) {
  std::string out = "{\"publications\":[";
  const hub::PublicationViews views(page.publications);
  bool first = true;
  for (const wire::Publication& publication : views.get()) {
    if (!std::exchange(first, false)) out.push_back(',');
    wire::append_publication(out, publication);
  }
  out.append("],\"epoch\":");
  wire::append_json_string(out, page.position.epoch);
  append_number(out, "offset", page.position.offset);
  return out + "}";
}

std::string to_json(const std::vector<hub::ClientInfo>& clients) {
  std::string out = "{\"presence\":{";
  for (const hub::ClientInfo& client : clients) {
    if (out.back() != '{') out.push_back(',');
    wire::append_json_string(out, client.client);
    out.push_back(':');
    wire::append_client_info(out, client.view());
  }
  return out + "}}";
}

std::string to_json(const hub::PresenceStats& stats) {
  std::string out = "{";
  append_number(out, "num_clients", stats.clients);
  append_number(out, "num_users", stats.users);
  return out + "}";
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

std::string info_to_json(const std::vector<hub::NodeReport>& nodes) {
  std::string all;
  for (const hub::NodeReport& node : nodes) {
    std::string out = "{";
    append_text(out, "uid", node.uid);
    append_text(out, "name", node.uid);  // people have no other
    append_text(out, "version", node.version);
    append_number(out, "num_clients", node.info.clients);
    append_number(out, "num_users", node.info.users);
    append_number(out, "num_sessions", node.info.sessions);
    append_number(out, "num_channels", node.info.channels);
    append_number(out, "num_subs", node.info.subscriptions);
    append_number(out, "uptime", node.uptime_s);
    all.append(all.empty() ? "" : ",").append(out).append("}");
  }
  return "{\"nodes\":[" + all + "]}";
}

std::string to_json(const ApiError& error) {
  std::string out = "{";
  append_number(out, "code", wire::error_code(error.code));
  append_text(out, "message", wire::error_message(error.code));
  if (!error.detail.empty()) append_text(out, "detail", error.detail);
  return out + "}";
}

metrics::CountedStatus transport_status(hub::Error error) {
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
