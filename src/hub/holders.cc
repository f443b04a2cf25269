#include "hub/holders.h"

#include <algorithm>

namespace usher::hub {
namespace {

bool permits(Verdict verdict, GrantedBy granted = {}) {
  switch (verdict) {
    case Verdict::allowed:
    case Verdict::owner_decides:
      return true;
    case Verdict::hook_decides:
      return granted.hook;
    case Verdict::token_decides:
      return granted.token;
    case Verdict::denied:
    case Verdict::unknown:
    case Verdict::malformed:
      break;
  }
  return false;
}

// A token holds the channels that it names exactly, and the personal channels of its session and
// user.
bool token_names(const Identity& identity, std::string_view channel) {
  if (personal_name(channel).kind != Personal::no) return true;
  const auto& patterns = identity.channel_patterns;
  return is_exact(channel) &&
         std::find(patterns.begin(), patterns.end(), channel) != patterns.end();
}

// The server API may subscribe a client to every channel that exists; but where an owner decides,
// it decides here too.
Verdict verdict_for_backend(const ChannelRules& rules, std::string_view channel) {
  if (!rules.well_formed(channel)) return Verdict::malformed;
  if (personal_name(channel).kind != Personal::no) return Verdict::denied;
  const NamespaceOptions* const space = rules.options(channel);
  if (space == nullptr) return Verdict::unknown;
  return space->subscribe == Audience::owner ? Verdict::owner_decides : Verdict::allowed;
}

}  // namespace

Holders permitted(const ChannelRules& rules, const Identity& identity, std::string_view channel,
                  Holders holders, GrantedBy granted) {
  const bool own = permits(rules.may_subscribe(identity, channel), granted);
  holders.client = holders.client && own;
  holders.wish = holders.wish && own;
  holders.token = holders.token && own && token_names(identity, channel);
  holders.backend = holders.backend && permits(verdict_for_backend(rules, channel));
  return holders;
}

Verdict verdict(const ChannelRules& rules, const Identity& identity, std::string_view channel,
                const Holders& holders) {
  if (holders.backend) return verdict_for_backend(rules, channel);
  const Verdict own = rules.may_subscribe(identity, channel);
  const bool named = holders.client || holders.wish || token_names(identity, channel);
  return permits(own) && !named ? Verdict::denied : own;
}

Error refusal_of(const ChannelRules& rules, const Identity& identity, std::string_view channel,
                 const Holders& holders) {
  return error_of(verdict(rules, identity, channel, holders)).value_or(Error::permission_denied);
}

}  // namespace usher::hub
