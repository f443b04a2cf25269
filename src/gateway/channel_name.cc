#include "gateway/channel_name.h"

namespace usher::gateway {

std::optional<ApiError> check_channel_name(const hub::ChannelRules* rules,
                                           std::string_view channel) {
  if (rules == nullptr || rules->well_formed(channel)) return {};
  return ApiError{hub::Error::bad_request,
                  "not a channel's name: at most limits.channel_bytes of printable ASCII without "
                  "space, '\"', '\\' and '*', and nothing empty before or after its ':'"};
}

}  // namespace usher::gateway
