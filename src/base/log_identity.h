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

class LogIdentity {
 public:
  LogIdentity() = default;
  // Empty ones are left out of lines.
  LogIdentity(Identities identities, std::string_view client, std::string_view session,
              std::string_view user)
      : client_(client),
        session_(identity_for_log(identities, session)),
        user_(identity_for_log(identities, user)) {}

  // Good while this object lives.
  void append_to(std::vector<LogField>& fields) const {
    if (!client_.empty()) fields.emplace_back("client", client_);
    if (!session_.empty()) fields.emplace_back("session", session_);
    if (!user_.empty()) fields.emplace_back("user", user_);
  }

 private:
  std::string client_;
  std::string session_;
  std::string user_;
};

// `first`, who it is about, then `last`: the message and the first fields of a line are fixed.
void write_line(Log& log, LogLevel level, std::string_view message, Log::Fields first,
                const LogIdentity& who, Log::Fields last = {});

}  // namespace usher
