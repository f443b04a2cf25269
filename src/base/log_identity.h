// The connection, session and user that a log line is about, so that an operator can find the lines
// of one user in the log.
//
//     { …, client: '1f0c…', session: '9b8fce3ba9bd', user: 'f3b0d2…', transport: 'websocket' }
//
// A hash is the first 12 hexadecimal digits of the SHA-256, as for tickets. It keeps names out of
// log collectors, but it can be computed from a known name.
//
// Threads: none of its own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"

namespace usher {

enum class Identities : std::uint8_t { hash, plain, off };

// Returns `name` in the form that log.identities sets. An empty result is left out of the line.
std::string identity_for_log(Identities identities, std::string_view name);

// Returns a channel's name for the log. The part after `user:` or `session:` is an identity too.
std::string channel_for_log(Identities identities, std::string_view channel);

// Unknown and empty names are left out of lines. Names are hashed when a line is written, so that a
// line that its level or a rate leaves out costs no hash.
//
// Borrows: the names of session and user.
class LogIdentity {
 public:
  static constexpr std::size_t kClientBytesMax = 16;
  static constexpr std::size_t kFieldsMax = 3;

  LogIdentity() = default;
  // Requires: `client` has kClientBytesMax characters, or none.
  LogIdentity(Identities identities, std::string_view client, std::string_view session,
              std::string_view user);

  Identities identities() const { return identities_; }
  std::string_view session() const { return session_; }
  std::string_view user() const { return user_; }

  // The fields are valid while this object and the names live.
  void append_to(std::vector<LogField>& fields) const;

 private:
  std::array<char, kClientBytesMax> client_{};
  std::size_t client_bytes_ = 0;
  Identities identities_ = Identities::off;
  std::string_view session_;
  std::string_view user_;
};

// Writes a line with the fields `first`, then the identity, then `last`. The message and the first
// fields of a line are fixed.
void write_line(Log& log, LogLevel level, std::string_view message, Log::Fields first,
                const LogIdentity& who, Log::Fields last = {});

}  // namespace usher
