#include "wire/json_text.h"
#include "wire/json_writer.h"
#include "wire/protocol_reply.h"

namespace usher::wire {
namespace {

// `{"push":{"channel":"…","name":` … `}}`; a push that is about no channel has none.
class Push {
 public:
  Push(std::string& out, std::string_view channel, std::string_view name) : out_(out) {
    begin_message(out_);
    out_ += "{\"push\":{";
    if (!channel.empty()) {
      out_ += "\"channel\":";
      append_json_string(out_, channel);
      out_ += ',';
    }
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }
  ~Push() { out_ += "}}"; }
  Push(const Push&) = delete;
  Push& operator=(const Push&) = delete;

 private:
  std::string& out_;
};

void append_info_push(std::string& out, std::string_view channel, std::string_view name,
                      const ClientInfo& info) {
  const Push push(out, channel, name);
  JsonObjectWriter object(out);
  append_client_info(object.member("info"), info);
  object.end();
}

}  // namespace

void append_connect_push(std::string& out, const ConnectResult& result) {
  const Push push(out, {}, "connect");
  append_connect_result(out, result);
}

void append_publication_push(std::string& out, std::string_view channel,
                             const Publication& publication) {
  const Push push(out, channel, "pub");
  append_publication(out, publication);
}

void append_join_push(std::string& out, std::string_view channel, const ClientInfo& info) {
  append_info_push(out, channel, "join", info);
}

void append_leave_push(std::string& out, std::string_view channel, const ClientInfo& info) {
  append_info_push(out, channel, "leave", info);
}

void append_subscribe_push(std::string& out, std::string_view channel,
                           const SubscribeResult& result) {
  const Push push(out, channel, "subscribe");
  JsonObjectWriter object(out);
  object.flag("recoverable", result.recoverable);
  object.text("epoch", result.epoch);
  object.flag("recovered", result.recovered);
  object.count("offset", result.offset);
  object.flag("positioned", result.positioned);
  object.raw("data", result.data);
  object.flag("was_recovering", result.was_recovering);
  object.text("gap", to_string(result.gap));
  object.end();
}

void append_unsubscribe_push(std::string& out, std::string_view channel, std::uint32_t code,
                             std::string_view reason) {
  const Push push(out, channel, "unsubscribe");
  JsonObjectWriter object(out);
  object.count("code", code);
  object.text("reason", reason);
  object.end();
}

void append_refresh_push(std::string& out, bool expires, std::uint32_t ttl_s) {
  const Push push(out, {}, "refresh");
  JsonObjectWriter object(out);
  object.flag("expires", expires);
  object.count("ttl", ttl_s);
  object.end();
}

void append_disconnect_push(std::string& out, const DisconnectPush& disconnect) {
  const Push push(out, {}, "disconnect");
  JsonObjectWriter object(out);
  object.count("code", disconnect.code);
  object.text("reason", disconnect.reason);
  object.flag("reconnect", disconnect.reconnect);
  object.count("retry_after_ms", disconnect.retry_after_ms);
  object.flag("place", disconnect.place);
  object.end();
}

}  // namespace usher::wire
