#include "api/channel_name.h"

namespace usher::api {

std::optional<ApiError> check_channel_name(const hub::ChannelRules* rules,
                                           std::string_view channel) {
  if (rules == nullptr || rules->well_formed(channel)) return {};
  return ApiError{hub::Error::bad_request,
                  "not a channel's name: at most limits.channel_bytes of printable ASCII without "
                  "space, '\"', '\\' and '*', and nothing empty before or after its ':'"};
}

std::optional<ApiError> check_channel(const hub::ChannelRules* rules, std::string_view channel) {
  if (auto error = check_channel_name(rules, channel)) return error;
  if (rules == nullptr || rules->options(channel) != nullptr) return {};
  const auto colon = channel.find(':');
  const std::string space(colon == std::string_view::npos ? "" : channel.substr(0, colon));
  return ApiError{hub::Error::unknown_channel,
                  "no [[channel.namespaces]] section has the name '" + space +
                      "': check the channel, or add one (or set channel.unconfigured)"};
}

}  // namespace usher::api
