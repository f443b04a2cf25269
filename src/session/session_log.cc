#include "session/session_log.h"

#include <utility>

#include "auth/origin.h"

namespace usher::session {

namespace {

std::string_view transport_of(edge::Endpoint endpoint) {
  switch (endpoint) {
    case edge::Endpoint::ws:
      return "ws";
    case edge::Endpoint::sdk:
      return "connection_websocket";
    case edge::Endpoint::tunnel:
      return "tunnel";
  }
  return "";
}

}  // namespace

SessionLog::SessionLog(const SessionDependencies& dependencies, LogIdentity who,
                       edge::Endpoint endpoint, std::string_view upstream)
    : dependencies_(dependencies),
      who_(std::move(who)),
      transport_(transport_of(endpoint)),
      upstream_(upstream) {}

// Of a tunnel, lines also name its upstream.
void SessionLog::write(std::string_view message, std::vector<LogField> fields,
                       Log::Fields last) const {
  who_.append_to(fields);
  fields.insert(fields.end(), last);
  if (!upstream_.empty()) fields.emplace_back("upstream", upstream_);
  dependencies_.log.write(LogLevel::info, message, fields);
}

void SessionLog::authenticated(bool has_user) const {
  write_line(dependencies_.log, LogLevel::info, "[WS] Authenticated via ticket",
             {{"hasUserId", has_user}}, who_);
}

void SessionLog::connected(std::optional<std::string_view> origin) const {
  if (!dependencies_.log.writes(LogLevel::info)) return;
  write("websocket_connected", {{"originHost", auth::origin_host(origin)}},
        {{"transport", transport_}});
}

void SessionLog::subscription_refused(std::string_view channel,
                                      const hub::SubscribeError& error) const {
  if (!dependencies_.reject_log.writes(LogLevel::info)) return;
  const hub::GivenError told = error.for_client();
  write_line(dependencies_.reject_log, LogLevel::info, "subscription refused",
             {{"channel", channel_for_log(dependencies_.options.identities, channel)},
              {"code", told.code},
              {"reason", std::string_view(told.message)}},
             who_);
}

void SessionLog::disconnected(std::uint16_t code, std::string_view reason,
                              WallTime connected_at) const {
  const auto lasted = dependencies_.wall_clock.now() - connected_at;
  if (!dependencies_.log.writes(LogLevel::info)) return;
  write("websocket_disconnected", {{"code", code}, {"reason", reason}},
        {{"transport", transport_}, {"lastedMs", lasted.count()}});
}

}  // namespace usher::session
