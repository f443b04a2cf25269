#include "base/log_identity.h"

#include <span>

#include "base/bytes.h"
#include "base/check.h"

namespace usher {

std::string identity_for_log(Identities identities, std::string_view name) {
  if (name.empty()) return {};
  switch (identities) {
    case Identities::off:
      return {};
    case Identities::plain:
      return std::string(name);
    case Identities::hash: {
      const Sha256 digest = sha256(name);
      return to_hex(std::span(digest).first(6));
    }
  }
  USHER_CHECK(false);
}

std::string channel_for_log(Identities identities, std::string_view channel) {
  for (const std::string_view personal : {"user:", "session:"}) {
    if (!channel.starts_with(personal)) continue;
    return std::string(personal) + identity_for_log(identities, channel.substr(personal.size()));
  }
  return std::string(channel);
}

void write_line(Log& log, LogLevel level, std::string_view message, Log::Fields first,
                const LogIdentity& who, Log::Fields last) {
  std::vector<LogField> fields(first);
  who.append_to(fields);
  fields.insert(fields.end(), last.begin(), last.end());
  log.write(level, message, fields);
}

}  // namespace usher
