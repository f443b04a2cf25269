#include "hooks/hook_message.h"

#include "base/check.h"
#include "base/time_text.h"
#include "wire/json_writer.h"

namespace usher::hooks {
namespace {

using Kind = session::HookEvent::Kind;

// CloudEvents' HTTP binding, section 3.1.3.2: what is not visible ASCII, and quotes and percent,
// become %XX of their UTF-8.
std::string to_field_value(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string value;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '"' && c != '%') {
      value.push_back(c);
    } else {
      value.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return value;
}

std::string_view subject_of(const session::HookEvent& event) {
  return event.name.empty() ? event.client : event.name;
}

std::string write_body(const session::HookEvent& event) {
  if (event.kind == Kind::ticket) return std::string(event.data);
  std::string body;
  body.reserve(event.data.size() + 256);
  wire::JsonObjectWriter object(body);
  const auto text = [&](std::string_view name, std::string_view value) {
    wire::append_json_string(object.member(name), value);
  };
  text("client", event.client);
  text("session", event.session);
  text("user", event.user);
  const std::string_view data = event.data.empty() ? "null" : event.data;
  switch (event.kind) {
    case Kind::rpc:
      text("method", event.name);
      object.member("data") += data;
      break;
    case Kind::send:
      object.member("data") += data;
      break;
    case Kind::publish:
      text("channel", event.name);
      object.member("data") += data;
      break;
    case Kind::connected:
      break;
    case Kind::disconnected:
      object.member("code") += std::to_string(event.code);
      text("reason", event.reason);
      break;
    case Kind::subscribe:
      object.member("channels") += event.data;
      break;
    case Kind::ticket:
    case Kind::count_:
      USHER_CHECK(false);
  }
  object.end();
  return body;
}

}  // namespace

std::size_t HookMessage::bytes() const {
  std::size_t bytes = sizeof *this + id.size() + body.size();
  for (const auto& [name, value] : fields) bytes += name.size() + value.size();
  return bytes;
}

std::string_view type_of(Kind kind) {
  switch (kind) {
    case Kind::rpc:
      return "usher.rpc";
    case Kind::send:
      return "usher.send";
    case Kind::publish:
      return "usher.publish";
    case Kind::connected:
      return "usher.connected";
    case Kind::disconnected:
      return "usher.disconnected";
    case Kind::subscribe:
      return "usher.subscribe";
    case Kind::ticket:
      return "usher.ticket";
    case Kind::count_:
      break;
  }
  USHER_CHECK(false);
}

session::Hook hook_of(Kind kind) {
  switch (kind) {
    case Kind::rpc:
    case Kind::send:
      return session::Hook::rpc;
    case Kind::publish:
      return session::Hook::publish;
    case Kind::connected:
      return session::Hook::connected;
    case Kind::disconnected:
      return session::Hook::disconnected;
    case Kind::subscribe:
      return session::Hook::subscribe;
    case Kind::ticket:
      return session::Hook::ticket;
    case Kind::count_:
      break;
  }
  USHER_CHECK(false);
}

std::string_view to_string(session::Hook hook) {
  switch (hook) {
    case session::Hook::rpc:
      return "rpc";
    case session::Hook::publish:
      return "publish";
    case session::Hook::connected:
      return "connected";
    case session::Hook::disconnected:
      return "disconnected";
    case session::Hook::subscribe:
      return "subscribe";
    case session::Hook::ticket:
      return "ticket";
    case session::Hook::count_:
      break;
  }
  USHER_CHECK(false);
}

HookMessage write_hook_message(const session::HookEvent& event, std::string_view node,
                               std::string id, WallTime now) {
  HookMessage message{.id = std::move(id), .type = type_of(event.kind), .fields = {}, .body = {}};
  message.fields = {
      {"Content-Type", "application/json"},
      {"Accept", "application/json"},
      {"User-Agent", "usher"},
      {"ce-specversion", "1.0"},
      {"ce-id", message.id},
      {"ce-source", "/usher/" + to_field_value(node)},
      {"ce-type", std::string(message.type)},
      {"ce-time", to_rfc3339(now)},
      {"ce-subject", to_field_value(subject_of(event))},
  };
  message.body = write_body(event);
  return message;
}

}  // namespace usher::hooks
