#include "base/log_identity.h"

#include <algorithm>

#include "base/check.h"

namespace usher {
namespace {

void append_name(std::vector<LogField>& fields, Identities identities, std::string_view key,
                 std::string_view name) {
  if (name.empty()) return;
  switch (identities) {
    case Identities::off:
      return;
    case Identities::plain:
      fields.emplace_back(key, name);
      return;
    case Identities::hash:
      fields.push_back(LogField::hash(key, name));
      return;
  }
}

}  // namespace

std::string identity_for_log(Identities identities, std::string_view name) {
  if (name.empty()) return {};
  switch (identities) {
    case Identities::off:
      return {};
    case Identities::plain:
      return std::string(name);
    case Identities::hash:
      return log_hash(name);
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

LogIdentity::LogIdentity(Identities identities, std::string_view client, std::string_view session,
                         std::string_view user)
    : client_bytes_(std::min(client.size(), client_.size())),
      identities_(identities),
      session_(session),
      user_(user) {
  std::copy_n(client.begin(), client_bytes_, client_.begin());
}

void LogIdentity::append_to(std::vector<LogField>& fields) const {
  if (client_bytes_ > 0) {
    fields.emplace_back("client", std::string_view(client_.data(), client_bytes_));
  }
  append_name(fields, identities_, "session", session_);
  append_name(fields, identities_, "user", user_);
}

void write_line(Log& log, LogLevel level, std::string_view message, Log::Fields first,
                const LogIdentity& who, Log::Fields last) {
  if (!log.writes(level)) return;
  std::vector<LogField> fields;
  fields.reserve(first.size() + LogIdentity::kFieldsMax + last.size());
  fields.insert(fields.end(), first.begin(), first.end());
  who.append_to(fields);
  fields.insert(fields.end(), last.begin(), last.end());
  log.write(level, message, fields);
}

}  // namespace usher
