#include "wire/protocol_reply.h"

#include "wire/json_text.h"
#include "wire/json_writer.h"
#include "wire/protocol_result.h"

namespace usher::wire {
namespace {

// `{"id":1,"name":` … `}`: the value is appended between the two.
class Reply {
 public:
  Reply(std::string& out, std::uint32_t id, std::string_view name) : out_(out) {
    begin_message(out_);
    out_ += "{\"id\":";
    out_ += std::to_string(id);
    out_ += ",\"";
    out_ += name;
    out_ += "\":";
  }
  ~Reply() { out_ += '}'; }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

 private:
  std::string& out_;
};

void append_empty_reply(std::string& out, std::uint32_t id, std::string_view name) {
  const Reply reply(out, id, name);
  out += "{}";
}

}  // namespace

void append_connect_reply(std::string& out, std::uint32_t id, const ConnectResult& result) {
  const Reply reply(out, id, "connect");
  append_connect_result(out, result);
}

void append_subscribe_reply(std::string& out, std::uint32_t id, const SubscribeResult& result) {
  const Reply reply(out, id, "subscribe");
  append_subscribe_result(out, result);
}

void append_unsubscribe_reply(std::string& out, std::uint32_t id) {
  append_empty_reply(out, id, "unsubscribe");
}

void append_publish_reply(std::string& out, std::uint32_t id) {
  append_empty_reply(out, id, "publish");
}

void append_presence_reply(std::string& out, std::uint32_t id,
                           std::span<const ClientInfo> clients) {
  const Reply reply(out, id, "presence");
  out += "{\"presence\":{";
  bool first = true;
  for (const ClientInfo& info : clients) {
    if (!first) out += ',';
    first = false;
    append_json_string(out, info.client);
    out += ':';
    append_client_info(out, info);
  }
  out += "}}";
}

// Both counts are said, zero or not: SDKs hand them on as numbers.
void append_presence_stats_reply(std::string& out, std::uint32_t id, std::uint32_t clients,
                                 std::uint32_t users) {
  const Reply reply(out, id, "presence_stats");
  JsonObjectWriter object(out);
  object.member("num_clients") += std::to_string(clients);
  object.member("num_users") += std::to_string(users);
  object.end();
}

// As above: `publications` and `offset` are always there.
void append_history_reply(std::string& out, std::uint32_t id, const HistoryResult& result) {
  const Reply reply(out, id, "history");
  JsonObjectWriter object(out);
  append_publications(object, result.publications);
  if (result.publications.empty()) object.member("publications") += "[]";
  object.text("epoch", result.epoch);
  object.member("offset") += std::to_string(result.offset);
  object.end();
}

void append_ping_reply(std::string& out, std::uint32_t id) { append_empty_reply(out, id, "ping"); }

void append_sub_refresh_reply(std::string& out, std::uint32_t id, bool expires,
                              std::uint32_t ttl_s) {
  const Reply reply(out, id, "sub_refresh");
  JsonObjectWriter object(out);
  object.flag("expires", expires);
  object.count("ttl", ttl_s);
  object.end();
}

void append_rpc_reply(std::string& out, std::uint32_t id, std::string_view data) {
  const Reply reply(out, id, "rpc");
  JsonObjectWriter object(out);
  object.raw("data", data);
  object.end();
}

void append_refresh_reply(std::string& out, std::uint32_t id, const RefreshResult& result) {
  const Reply reply(out, id, "refresh");
  JsonObjectWriter object(out);
  object.text("client", result.client);
  object.text("version", result.version);
  object.flag("expires", result.expires);
  object.count("ttl", result.ttl_s);
  object.end();
}

void append_error_reply(std::string& out, std::uint32_t id, ProtocolError error) {
  append_error_reply(out, id, error_code(error), error_message(error), is_temporary(error));
}

void append_error_reply(std::string& out, std::uint32_t id, std::uint32_t code,
                        std::string_view message, bool temporary) {
  const Reply reply(out, id, "error");
  append_error(out, code, message, temporary);
}

}  // namespace usher::wire
