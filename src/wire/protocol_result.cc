#include "wire/protocol_result.h"

#include "wire/json_text.h"
#include "wire/json_writer.h"

namespace usher::wire {
namespace {

std::string& begin_sub(std::string& subs, std::string_view channel) {
  if (!subs.empty()) subs += ',';
  append_json_string(subs, channel);
  subs += ':';
  return subs;
}

}  // namespace

void begin_message(std::string& out) {
  if (!out.empty()) out += '\n';
}

void append_publications(JsonObjectWriter& object, std::span<const Publication> publications) {
  if (publications.empty()) return;
  std::string& out = object.member("publications");
  char before = '[';
  for (const Publication& publication : publications) {
    out += before;
    append_publication(out, publication);
    before = ',';
  }
  out += ']';
}

void append_subscribe_result(std::string& out, const SubscribeResult& result) {
  JsonObjectWriter object(out);
  object.flag("expires", result.expires);
  object.count("ttl", result.ttl_s);
  object.flag("recoverable", result.recoverable);
  object.text("epoch", result.epoch);
  append_publications(object, result.publications);
  object.flag("recovered", result.recovered);
  object.count("offset", result.offset);
  object.flag("positioned", result.positioned);
  object.raw("data", result.data);
  object.flag("was_recovering", result.was_recovering);
  object.text("gap", to_string(result.gap));
  object.flag("pending", result.pending);
  object.end();
}

// reconnect_spread_ms stands there even if it is 0, as the contract shows it.
void append_connect_result(std::string& out, const ConnectResult& result) {
  JsonObjectWriter object(out);
  object.text("client", result.client);
  object.text("session", result.session);
  object.text("version", result.version);
  object.count("ping", result.ping_s);
  object.flag("pong", result.ping_s != 0 && result.pong);
  object.flag("expires", result.expires);
  object.count("ttl", result.ttl_s);
  object.text("node", result.node);
  object.member("reconnect_spread_ms") += std::to_string(result.reconnect_spread_ms);
  object.raw("data", result.data);
  if (!result.subs.empty()) {
    std::string& subs = object.member("subs");
    subs += '{';
    subs += result.subs;
    subs += '}';
  }
  object.end();
}

void append_error(std::string& out, std::uint32_t code, std::string_view message, bool temporary) {
  JsonObjectWriter object(out);
  object.count("code", code);
  object.text("message", message);
  object.flag("temporary", temporary);
  object.end();
}

void append_connect_sub(std::string& subs, std::string_view channel,
                        const SubscribeResult& result) {
  append_subscribe_result(begin_sub(subs, channel), result);
}

void append_connect_sub(std::string& subs, std::string_view channel, ProtocolError error) {
  append_connect_sub(subs, channel, error_code(error), error_message(error), is_temporary(error));
}

void append_connect_sub(std::string& subs, std::string_view channel, std::uint32_t code,
                        std::string_view message, bool temporary) {
  begin_sub(subs, channel) += "{\"error\":";
  append_error(subs, code, message, temporary);
  subs += '}';
}

void append_publication(std::string& out, const Publication& publication) {
  JsonObjectWriter object(out);
  object.raw("data", publication.data);
  if (publication.info != nullptr) append_client_info(object.member("info"), *publication.info);
  object.count("offset", publication.offset);
  object.raw("tags", publication.tags);
  object.end();
}

// Who it is, even if nobody: SDKs hand both on as strings.
void append_client_info(std::string& out, const ClientInfo& info) {
  JsonObjectWriter object(out);
  append_json_string(object.member("user"), info.user);
  append_json_string(object.member("client"), info.client);
  object.raw("conn_info", info.conn_info);
  object.raw("chan_info", info.chan_info);
  object.end();
}

std::string_view to_string(RecoveryGap gap) {
  switch (gap) {
    case RecoveryGap::none:
      return "";
    case RecoveryGap::epoch_changed:
      return "epoch_changed";
    case RecoveryGap::trimmed:
      return "trimmed";
    case RecoveryGap::limit:
      return "limit";
  }
  return "";
}

}  // namespace usher::wire
