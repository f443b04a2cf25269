#include "hub/channel_rules.h"

#include <algorithm>

#include "base/check.h"
#include "wire/protocol_command.h"

namespace usher::hub {
namespace {

constexpr std::string_view kSessionPrefix = wire::kSessionChannelPrefix;
constexpr std::string_view kUserPrefix = wire::kUserChannelPrefix;

// Names of personal channels are kept nowhere, and the backend chooses their length.
constexpr std::size_t kPersonalBytesMax = 1024;

bool is_name_character(char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '*'; }

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool pattern_matches(std::string_view pattern, std::string_view channel) {
  if (is_exact(pattern)) return pattern == channel;
  // A star is a wildcard at the end only.
  const std::string_view prefix = pattern.substr(0, pattern.find('*'));
  return prefix.size() + 1 == pattern.size() && channel.starts_with(prefix);
}

}  // namespace

std::optional<Error> error_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::allowed:
    case Verdict::owner_decides:
    case Verdict::hook_decides:
      return std::nullopt;
    case Verdict::token_decides:
    case Verdict::denied:
      return Error::permission_denied;
    case Verdict::unknown:
      return Error::unknown_channel;
    case Verdict::malformed:
      return Error::bad_request;
  }
  return Error::internal;
}

PersonalName personal_name(std::string_view channel) {
  if (channel.starts_with(kSessionPrefix)) {
    return {Personal::session, channel.substr(kSessionPrefix.size())};
  }
  if (channel.starts_with(kUserPrefix)) {
    return {Personal::user, channel.substr(kUserPrefix.size())};
  }
  return {};
}

std::string session_channel(std::string_view session) {
  return std::string(kSessionPrefix).append(session);
}

std::string user_channel(std::string_view user) { return std::string(kUserPrefix).append(user); }

bool patterns_match(std::span<const std::string> channel_patterns, std::string_view channel) {
  if (personal_name(channel).kind != Personal::no) return false;
  return std::any_of(
      channel_patterns.begin(), channel_patterns.end(),
      [channel](const std::string& pattern) { return pattern_matches(pattern, channel); });
}

ChannelRules::ChannelRules(ChannelRulesOptions options)
    : channel_bytes_max_(options.channel_bytes_max), unconfigured_(options.unconfigured) {
  for (NamespaceOptions& space : options.namespaces) {
    std::string name = space.name;
    USHER_CHECK(namespaces_.emplace(std::move(name), std::move(space)).second);
  }
  share_history(options.history_bytes_max);
}

void ChannelRules::share_history(std::size_t bytes_max) {
  std::vector<NamespaceOptions*> sharing;
  const auto add = [&](NamespaceOptions& space) {
    bytes_max -= std::min(bytes_max, space.history_bytes);
    if (space.has_history() && space.history_bytes == 0) sharing.push_back(&space);
  };
  for (auto& [name, space] : namespaces_) add(space);
  if (unconfigured_) add(*unconfigured_);
  for (NamespaceOptions* const space : sharing) space->history_bytes = bytes_max / sharing.size();
}

bool ChannelRules::well_formed(std::string_view channel) const {
  const PersonalName personal = personal_name(channel);
  if (personal.kind != Personal::no) {
    return !personal.id.empty() && channel.size() <= kPersonalBytesMax &&
           std::none_of(personal.id.begin(), personal.id.end(), is_control);
  }
  if (channel.empty() || channel.size() > channel_bytes_max_) return false;
  const bool empty_part = channel.front() == ':' || channel.find(':') == channel.size() - 1;
  return !empty_part && std::all_of(channel.begin(), channel.end(), is_name_character);
}

const NamespaceOptions* ChannelRules::options(std::string_view channel) const {
  if (!well_formed(channel)) return nullptr;
  const auto colon = channel.find(':');
  const auto found = namespaces_.find(colon == std::string_view::npos ? std::string_view()
                                                                      : channel.substr(0, colon));
  if (found != namespaces_.end()) return &found->second;
  if (personal_name(channel).kind != Personal::no) return &personal_;
  return unconfigured_ ? &*unconfigured_ : nullptr;
}

std::size_t ChannelRules::keeping_namespaces() const {
  const auto keeps = [](const NamespaceOptions& space) {
    return space.has_history() || space.presence || space.subscribe == Audience::owner ||
           space.publish == Audience::owner;
  };
  std::size_t count = unconfigured_ && keeps(*unconfigured_) ? 1 : 0;
  for (const auto& [name, space] : namespaces_) count += keeps(space) ? 1 : 0;
  return count;
}

Verdict ChannelRules::may_subscribe(const Identity& who, std::string_view channel) const {
  const PersonalName personal = personal_name(channel);
  if (personal.kind != Personal::no && !personal.id.empty()) {
    const auto own = personal.kind == Personal::session ? who.session : who.user;
    return personal.id == own ? Verdict::allowed : Verdict::denied;
  }
  return decide(who, channel, &NamespaceOptions::subscribe);
}

Verdict ChannelRules::may_publish(const Identity& who, std::string_view channel) const {
  if (personal_name(channel).kind != Personal::no) return Verdict::denied;
  const Verdict verdict = decide(who, channel, &NamespaceOptions::publish);
  const bool is_for_subscribers =
      verdict == Verdict::hook_decides || verdict == Verdict::token_decides;
  return is_for_subscribers ? Verdict::denied : verdict;
}

bool ChannelRules::may_look(const Identity& who, std::string_view channel, Onlookers allowed,
                            bool is_subscriber) const {
  const bool is_closed =
      personal_name(channel).kind != Personal::no || options(channel)->subscribe == Audience::owner;
  if (is_closed && allowed != Onlookers::nobody) allowed = Onlookers::subscribers;
  switch (allowed) {
    case Onlookers::subscribers:
      return is_subscriber;
    case Onlookers::anyone:
      return true;
    case Onlookers::users:
      return !who.user.empty();
    case Onlookers::granted:
      return patterns_match(who.channel_patterns, channel);
    case Onlookers::nobody:
      break;
  }
  return false;
}

Verdict ChannelRules::decide(const Identity& who, std::string_view channel,
                             Audience NamespaceOptions::*audience) const {
  if (!well_formed(channel)) return Verdict::malformed;
  const NamespaceOptions* space = options(channel);
  if (space == nullptr) return Verdict::unknown;
  switch (space->*audience) {
    case Audience::anyone:
      return Verdict::allowed;
    case Audience::users:
      return who.user.empty() ? Verdict::denied : Verdict::allowed;
    case Audience::owner:
      return Verdict::owner_decides;
    case Audience::hook:
      return Verdict::hook_decides;
    case Audience::token:
      return Verdict::token_decides;
    case Audience::nobody:
      break;
    case Audience::granted:
      return patterns_match(who.channel_patterns, channel) ? Verdict::allowed
                                                           : Verdict::token_decides;
  }
  return Verdict::denied;
}

}  // namespace usher::hub
