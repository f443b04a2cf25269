#include "session/session_log.h"

#include <utility>

#include "auth/origin.h"

namespace usher::session {

SessionLog::SessionLog(const SessionDependencies& dependencies, LogIdentity who,
                       edge::Endpoint endpoint)
    : dependencies_(dependencies),
      who_(std::move(who)),
      transport_(endpoint == edge::Endpoint::ws ? "ws" : "connection_websocket") {}

void SessionLog::authenticated(bool has_user) const {
  write_line(dependencies_.log, LogLevel::info, "[WS] Authenticated via ticket",
             {{"hasUserId", has_user}}, who_);
}

void SessionLog::connected(std::optional<std::string_view> origin) const {
  if (!dependencies_.log.writes(LogLevel::info)) return;
  write_line(dependencies_.log, LogLevel::info, "websocket_connected",
             {{"originHost", auth::origin_host(origin)}}, who_, {{"transport", transport_}});
}

void SessionLog::subscription_refused(std::string_view channel, hub::Error error) const {
  if (!dependencies_.reject_log.writes(LogLevel::info)) return;
  write_line(dependencies_.reject_log, LogLevel::info, "subscription refused",
             {{"channel", channel_for_log(dependencies_.options.identities, channel)},
              {"code", wire::error_code(hub::protocol_error(error))},
              {"reason", wire::error_message(hub::protocol_error(error))}},
             who_);
}

void SessionLog::disconnected(std::uint16_t code, std::string_view reason,
                              WallTime connected_at) const {
  const auto lasted = dependencies_.wall_clock.now() - connected_at;
  write_line(dependencies_.log, LogLevel::info, "websocket_disconnected",
             {{"code", code}, {"reason", reason}}, who_,
             {{"transport", transport_}, {"lastedMs", lasted.count()}});
}

}  // namespace usher::session
