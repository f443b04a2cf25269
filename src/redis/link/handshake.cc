#include "redis/link/handshake.h"

#include <string_view>

#include "base/check.h"
#include "redis/link/command.h"

namespace usher::redis {
namespace {

// Returns the value of `key` in INFO's text, or nothing if it is not there.
std::string_view info_value(std::string_view info, std::string_view key) {
  while (!info.empty()) {
    const std::string_view line = info.substr(0, info.find("\r\n"));
    if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ':') {
      return line.substr(key.size() + 1);
    }
    info.remove_prefix(std::min(line.size() + 2, info.size()));
  }
  return {};
}

// The answer to AUTH if no password is set: of Redis 6 and later, and of older versions.
bool has_no_password(const Reply& answer) {
  return answer.is_error() && (answer.text.starts_with("ERR AUTH <password> called without any") ||
                               answer.text.starts_with("ERR Client sent AUTH, but no password"));
}

std::string_view sentence(HandshakeError error) {
  switch (error) {
    case HandshakeError::authentication_refused:
      return "user or password refused";
    case HandshakeError::database_refused:
      return "database refused";
    case HandshakeError::not_ready:
      return "not ready";
    case HandshakeError::info_refused:
      return "INFO refused";
    case HandshakeError::not_redis:
      return "what answers is no Redis";
    case HandshakeError::replica:
      return "it is a replica, which takes no writes";
    case HandshakeError::password_wanted:
      return "it wants a password; write redis://[user]:PASSWORD@host in redis.url";
    case HandshakeError::no_password_set:
      return "user or password refused: redis.url has one, but this Redis has none set";
    case HandshakeError::sentinel:
      return "it is a Sentinel; name it in redis.sentinels, and its master in redis.master";
    case HandshakeError::cluster:
      return "it is a node of a Redis Cluster, which usher does not speak to; name a Redis without "
             "cluster-enabled";
  }
  return {};
}

}  // namespace

std::string to_string(const HandshakeFailure& failure) {
  std::string text(sentence(failure.error));
  if (!failure.said.empty()) text += ": " + failure.said;
  return text;
}

std::size_t write_credentials(std::string& out, const Address& address) {
  std::size_t commands = 0;
  if (!address.password.empty()) {
    ++commands;
    if (address.user.empty()) {
      write_command(out, {"AUTH", address.password});
    } else {
      write_command(out, {"AUTH", address.user, address.password});
    }
  }
  if (address.database != 0) {
    ++commands;
    write_command(out, {"SELECT", std::to_string(address.database)});
  }
  return commands;
}

Handshake::Handshake(const Address& address)
    : authenticates_(!address.password.empty()), selects_(address.database != 0) {
  replies_ = write_credentials(request_, address) + 3;
  write_command(request_, {"PING"});
  write_command(request_, {"INFO", "server"});
  write_command(request_, {"INFO", "replication"});
}

Result<Server, HandshakeFailure> Handshake::judge(std::span<const Reply> replies) const {
  USHER_CHECK(replies.size() == replies_);
  // This comes first: a Sentinel knows neither databases nor roles.
  const std::string_view mode = info_value(replies[replies_ - 2].text, "redis_mode");
  if (mode == "sentinel") return HandshakeFailure{HandshakeError::sentinel, {}};
  if (mode == "cluster") return HandshakeFailure{HandshakeError::cluster, {}};
  if (authenticates_) {
    if (has_no_password(replies.front())) {
      return HandshakeFailure{HandshakeError::no_password_set, {}};
    }
    // Only the first word of the answer: a server that does not know AUTH repeats the password.
    if (replies.front().is_error()) {
      return HandshakeFailure{HandshakeError::authentication_refused,
                              std::string(replies.front().error_code())};
    }
    replies = replies.subspan(1);
  }
  if (replies.front().is_error() && replies.front().error_code() == "NOAUTH") {
    return HandshakeFailure{HandshakeError::password_wanted, {}};
  }
  if (selects_) {
    if (replies.front().is_error()) {
      return HandshakeFailure{HandshakeError::database_refused, replies.front().text};
    }
    replies = replies.subspan(1);
  }
  const Reply& pong = replies[0];
  const Reply& about_server = replies[1];
  const Reply& about_replication = replies[2];
  if (pong.is_error()) return HandshakeFailure{HandshakeError::not_ready, pong.text};
  for (const Reply* info : {&about_server, &about_replication}) {
    if (info->is_error()) return HandshakeFailure{HandshakeError::info_refused, info->text};
    if (info->kind != Reply::Kind::text) return HandshakeFailure{HandshakeError::not_redis, {}};
  }
  Server server{.run_id = std::string(info_value(about_server.text, "run_id")),
                .replication_id = std::string(info_value(about_replication.text, "master_replid")),
                .version = std::string(info_value(about_server.text, "redis_version"))};
  const std::string_view role = info_value(about_replication.text, "role");
  if (server.run_id.empty() || role.empty()) {
    return HandshakeFailure{HandshakeError::not_redis, {}};
  }
  if (role != "master") return HandshakeFailure{HandshakeError::replica, {}};
  return server;
}

}  // namespace usher::redis
