#include "session/hook_calls.h"

#include <string>

namespace usher::session {
namespace {

// `client` must live as long as the event.
HookEvent event_of(const SessionView& session, HookEvent::Kind kind, const std::string& client) {
  const hub::Identity identity = session.identity();
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

void HookCalls::tell_disconnected(std::uint16_t code, std::string_view reason) const {
  if (session_.dependencies().hooks == nullptr) return;
  const std::string client = session_.client().text();
  HookEvent event = event_of(session_, HookEvent::Kind::disconnected, client);
  event.code = code;
  event.reason = reason;
  session_.dependencies().hooks->tell(event);
}

}  // namespace usher::session
