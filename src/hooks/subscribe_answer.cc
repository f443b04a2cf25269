#include "hooks/subscribe_answer.h"

#include <array>
#include <string>
#include <utility>

namespace usher::hooks {
namespace {

using session::HookAnswer;
using session::SubscribeVerdict;
using wire::JsonNode;

constexpr std::array kMembers{"info", "data", "expire_at", "publish", "error"};

// A member that is not carried out must not be passed over: it may have been meant to restrict.
bool has_only_known_members(JsonNode entry) {
  for (const JsonNode member : entry) {
    bool known = false;
    for (const std::string_view name : kMembers) known = known || member.name() == name;
    if (!known) return false;
  }
  return true;
}

HookFault in_channels(HookFault fault) {
  return fault == HookFault::malformed ? HookFault::malformed_channels : fault;
}

Result<std::string, HookFault> read_raw(JsonNode node, std::size_t bytes_max) {
  std::string line;
  if (!is_given(node)) return line;
  if (node.raw().size() > bytes_max) return HookFault::too_large;
  wire::append_single_line(line, node.raw());
  return line;
}

// 0 stands for no end, as in Centrifugo.
bool read_end(JsonNode node, std::optional<std::int64_t>& end) {
  if (!is_given(node)) return true;
  const auto seconds = node.integer();
  if (!seconds || *seconds < 0) return false;
  if (*seconds > 0) end = *seconds;
  return true;
}

Result<hub::SubscriptionGrant, HookFault> read_grant(JsonNode entry,
                                                     const SubscribeAnswerLimits& limits) {
  hub::SubscriptionGrant grant{.by = hub::SubscriptionGrant::By::hook};
  auto info = read_raw(entry.find("info"), limits.info_bytes_max);
  auto data = read_raw(entry.find("data"), limits.data_bytes_max);
  if (!info) return info.error();
  if (!data) return data.error();
  grant.info = std::move(*info);
  grant.data = std::move(*data);
  const JsonNode publish = entry.find("publish");
  if (is_given(publish) && !publish.boolean()) return HookFault::malformed_channels;
  grant.publish = publish.boolean().value_or(false);
  if (!read_end(entry.find("expire_at"), grant.expire_at)) return HookFault::malformed_channels;
  return grant;
}

Result<SubscribeVerdict, HookFault> read_verdict(JsonNode entry,
                                                 const SubscribeAnswerLimits& limits) {
  if (!entry.is_object() || !has_only_known_members(entry)) return HookFault::malformed_channels;
  const JsonNode error = entry.find("error");
  if (is_given(error)) {
    auto refused = read_hook_error(error);
    if (!refused) return in_channels(refused.error());
    return SubscribeVerdict{std::string(entry.name()), std::move(*refused)};
  }
  auto grant = read_grant(entry, limits);
  if (!grant) return grant.error();
  return SubscribeVerdict{std::string(entry.name()), std::move(*grant)};
}

}  // namespace

Result<HookAnswer, HookFault> read_subscribe_answer(int status, std::string_view body,
                                                    const SubscribeAnswerLimits& limits,
                                                    wire::JsonReader& json) {
  if (status != 200) return HookFault::status;
  if (body.size() > kSubscribeAnswerBytesMax) return HookFault::too_large;
  const auto root = json.parse(body, {.open_levels = 4});
  if (!root || !root->is_object()) return HookFault::malformed_channels;
  for (const JsonNode member : *root) {
    if (member.name() != "error" && member.name() != "channels" && is_given(member)) {
      return HookFault::malformed_channels;
    }
  }
  const JsonNode error = root->find("error");
  const JsonNode channels = root->find("channels");
  if (is_given(error)) {
    if (is_given(channels)) return HookFault::malformed_channels;
    auto refused = read_hook_error(error);
    if (!refused) return in_channels(refused.error());
    return HookAnswer(std::move(*refused));
  }
  if (!channels.is_object()) return HookFault::malformed_channels;
  session::SubscribeAnswer answer;
  for (const JsonNode entry : channels) {
    auto verdict = read_verdict(entry, limits);
    if (!verdict) return verdict.error();
    answer.push_back(std::move(*verdict));
  }
  return HookAnswer(std::move(answer));
}

}  // namespace usher::hooks
