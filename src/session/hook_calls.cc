#include "session/hook_calls.h"

#include <string>

namespace usher::session {
namespace {

// `client` must live as long as the event.
HookEvent event_of(const hub::Subscriber& connection, HookEvent::Kind kind,
                   const std::string& client) {
  const hub::Identity identity = connection.identity();
  return {.kind = kind, .client = client, .session = identity.session, .user = identity.user};
}

}  // namespace

void HookCalls::ask(HookEvent::Kind kind, std::string_view name, std::string_view data,
                    UniqueFunction<void(HookAnswer)> done) {
  const std::string client = session_.client().text();
  HookEvent event = event_of(session_, kind, client);
  event.name = name;
  event.data = data;
  session_.dependencies().hooks->ask(event, std::move(done));
}

void HookCalls::tell(HookEvent::Kind kind, std::string_view data) const {
  if (session_.dependencies().hooks == nullptr) return;
  const std::string client = session_.client().text();
  HookEvent event = event_of(session_, kind, client);
  event.data = data;
  session_.dependencies().hooks->tell(event);
}

void tell_connected(Hooks* hooks, const hub::Subscriber& connection) {
  if (hooks == nullptr) return;
  const std::string client = connection.client().text();
  hooks->tell(event_of(connection, HookEvent::Kind::connected, client));
}

void tell_disconnected(Hooks* hooks, const hub::Subscriber& connection, std::uint16_t code,
                       std::string_view reason) {
  if (hooks == nullptr) return;
  const std::string client = connection.client().text();
  HookEvent event = event_of(connection, HookEvent::Kind::disconnected, client);
  event.code = code;
  event.reason = reason;
  hooks->tell(event);
}

}  // namespace usher::session
