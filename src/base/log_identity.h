// Which connection, session and user a log line is about, so that "Ada can't get in" can be
// answered from the log.
//
//     { …, client: '1f0c…', session: '9b8fce3ba9bd', user: 'f3b0d2…', transport: 'websocket' }
//
// A hash is the first 12 hexadecimal digits of the SHA-256, as of tickets: it keeps names out of
// what is shipped to log collectors, but whoever knows a user's name can compute it.
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

// `name` as log.identities has it; empty: it is to be left out.
std::string identity_for_log(Identities identities, std::string_view name);

// A channel's name; what stands behind `user:` and `session:` is an identity too.
std::string channel_for_log(Identities identities, std::string_view channel);

// What is not known, or empty, is left out of lines. Names are hashed when a line is written, so
// that a connection pays for no line that its level or a rate leaves out.
//
// Borrows: the names of session and user.
class LogIdentity {
 public:
  static constexpr std::size_t kClientBytesMax = 16;
  static constexpr std::size_t kFieldsMax = 3;

  LogIdentity() = default;
  // `client` has kClientBytesMax characters, or none.
  LogIdentity(Identities identities, std::string_view client, std::string_view session,
              std::string_view user);

  Identities identities() const { return identities_; }
  std::string_view session() const { return session_; }
  std::string_view user() const { return user_; }

  // Good while this object and the names live.
  void append_to(std::vector<LogField>& fields) const;

 private:
  std::array<char, kClientBytesMax> client_{};
  std::size_t client_bytes_ = 0;
  Identities identities_ = Identities::off;
  std::string_view session_;
  std::string_view user_;
};

// `first`, who it is about, then `last`: the message and the first fields of a line are fixed.
void write_line(Log& log, LogLevel level, std::string_view message, Log::Fields first,
                const LogIdentity& who, Log::Fields last = {});

}  // namespace usher
