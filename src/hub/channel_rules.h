// Which channels exist, and what a client may do on them. Pure: no state, no I/O.
//
// A channel is `name`, or `namespace:name` with the options of its namespace. `session:<id>` and
// `user:<id>` are personal: open to their own session or user, and closed to all others. No channel
// pattern ever matches them.
//
// Threads: immutable; shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "hub/error.h"
#include "hub/subscriber.h"
#include "limits/token_bucket.h"

namespace usher::hub {

enum class Audience : std::uint8_t {
  nobody,   // only the server API
  anyone,   // every connection
  users,    // every client that is logged in
  granted,  // clients whose token's `channels` names the channel, or with a token for it
  owner,    // the session or user that the backend has bound the channel to
  hook,     // clients that the backend's subscribe hook lets in; not for `publish`
  token,    // clients that show a subscription token for the channel; not for `publish`
};

// What is recovered of a channel.
enum class RecoveryMode : std::uint8_t {
  stream,  // the publications that the client has missed
  cache,  // the newest publication: for each new subscriber, whether it has been here before or not
};

// What happens to a client that asks for recovery, and that has missed publications which cannot be
// recovered.
enum class Unrecoverable : std::uint8_t {
  tell,    // it is subscribed, and is told that publications are missing
  refuse,  // it is not subscribed: the error is unrecoverable_position
};

// Which clients may ask for a channel's history or presence.
enum class Onlookers : std::uint8_t {
  subscribers,  // clients that are subscribed to it
  anyone,       // every connection
  users,        // every client that is logged in
  granted,      // clients whose token's `channels` names the channel
  nobody,       // only the server API
};

struct NamespaceOptions {
  std::string name;  // empty: channels without a namespace. `session`, `user`: the personal ones;
                     // their audience is fixed
  Audience subscribe = Audience::granted;
  Audience publish = Audience::nobody;
  std::size_t history_size = 0;  // publications; history is on when size and ttl are both positive
  Duration history_ttl{};
  std::size_t history_bytes = 0;  // of all its histories; 0: ChannelRules sets it
  bool recovery = false;          // needs history
  RecoveryMode recovery_mode = RecoveryMode::stream;
  Unrecoverable unrecoverable = Unrecoverable::tell;
  bool positioned =
      false;  // clients learn the stream's position, even without recovery; needs history
  bool presence = false;
  bool join_leave = false;
  Onlookers allow_presence_for = Onlookers::subscribers;
  Onlookers allow_history_for = Onlookers::subscribers;
  // A subscriber gets only the newest of the publications that have not begun to leave.
  bool latest_only = false;
  Duration write_delay{};  // how long a publication may wait for others to the same connection
  limits::RateLimit publish_rate{};  // of each connection, over the namespace's channels

  bool has_history() const { return history_size > 0 && history_ttl > Duration::zero(); }
  // Subscribers learn where in the stream they are.
  bool has_position() const { return recovery || positioned; }
  // Each new subscriber gets the newest publication.
  bool gives_newest() const { return recovery && recovery_mode == RecoveryMode::cache; }
  // Publications may wait, or take another's place.
  bool gathers() const { return latest_only || write_delay > Duration::zero(); }
  // Nothing is kept, and nothing waits: a subscription need not ask the channel's home.
  bool is_plain() const { return !has_history() && !presence && !join_leave && !gathers(); }
};

struct ChannelRulesOptions {
  std::vector<NamespaceOptions> namespaces;
  std::size_t channel_bytes_max = 255;

  // For names whose namespace is not configured. By default: live messages for clients whose token
  // names the channel. Without a value, no such channel exists.
  std::optional<NamespaceOptions> unconfigured = NamespaceOptions{};

  // The bytes for all histories. Namespaces with `history_bytes` come first; the rest is divided
  // equally between the namespaces without. 0: those have no limit of their own.
  std::size_t history_bytes_max = 0;
};

enum class Verdict : std::uint8_t {
  allowed,
  owner_decides,  // ask to which owner the channel is bound
  hook_decides,   // ask the backend's subscribe hook
  token_decides,  // a subscription token for the channel is needed
  denied,
  unknown,    // no such channel
  malformed,  // not a channel name
};

// Returns the error for the client, or nothing if the verdict allows the request (for
// owner_decides and hook_decides: as far as the rules can say).
std::optional<Error> error_of(Verdict verdict);

// The personal kind of a channel name, and the id of its session or user.
enum class Personal : std::uint8_t { no, session, user };
struct PersonalName {
  Personal kind = Personal::no;
  std::string_view id;
};
PersonalName personal_name(std::string_view channel);
std::string session_channel(std::string_view session);
std::string user_channel(std::string_view user);

// Returns whether one of the patterns of a token's `channels` claim matches `channel`, exactly or
// by `prefix*`. No pattern matches a personal channel.
bool patterns_match(std::span<const std::string> channel_patterns, std::string_view channel);

// Returns whether the entry is exact: the server subscribes the client to it at connect.
inline bool is_exact(std::string_view grant) { return grant.find('*') == std::string_view::npos; }

class ChannelRules {
 public:
  // Requires: no namespace is named twice.
  explicit ChannelRules(ChannelRulesOptions options);

  // Checks the length and the alphabet: printable ASCII without space, `"`, `\` and `*`. A
  // namespace and a name are not empty. The id of a personal channel comes from tokens: up to 1 KiB
  // of any bytes but control characters.
  bool well_formed(std::string_view channel) const;

  // Returns null if the channel does not exist (malformed, or its namespace is not configured).
  const NamespaceOptions* options(std::string_view channel) const;

  // Returns how many namespaces keep something of their channels: history, presence or an owner.
  std::size_t keeping_namespaces() const;

  Verdict may_subscribe(const Identity& who, std::string_view channel) const;
  Verdict may_publish(const Identity& who, std::string_view channel) const;

  // Returns whether a client may ask for what the channel keeps. A personal channel, and a channel
  // with an owner, show it to subscribers at most. `is_subscriber`: the client is subscribed, and has
  // the right to be. Requires: the channel exists.
  bool may_look(const Identity& who, std::string_view channel, Onlookers allowed,
                bool is_subscriber) const;

 private:
  Verdict decide(const Identity& who, std::string_view channel,
                 Audience NamespaceOptions::*audience) const;

  void share_history(std::size_t bytes_max);

  std::map<std::string, NamespaceOptions, std::less<>> namespaces_;
  NamespaceOptions personal_;  // of `session` and `user` where they are not configured
  std::size_t channel_bytes_max_;
  std::optional<NamespaceOptions> unconfigured_;
};

}  // namespace usher::hub
