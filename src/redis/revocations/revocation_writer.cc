#include "redis/revocations/revocation_writer.h"

namespace usher::redis {
namespace {

// KEYS: the hash. ARGV: field, until_ms, revoked_at_s, now_ms, entries_max, channel.
// A known revocation is never shortened. Each call also looks at a few others, and removes them if
// they have expired. So the hash is about as large as the revocations that are valid.
constexpr const char* kScript = R"lua(
local function both(value) return string.match(value, '^(%d+) (%d+)$') end
for _, field in ipairs(redis.call('HRANDFIELD', KEYS[1], 4)) do
  local until_ms = both(redis.call('HGET', KEYS[1], field))
  if not until_ms or tonumber(until_ms) <= tonumber(ARGV[4]) then
    redis.call('HDEL', KEYS[1], field)
  end
end
local until_ms, revoked_at_s = tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then
  local known_until_ms, known_at_s = both(known)
  if known_until_ms then
    until_ms = math.max(until_ms, tonumber(known_until_ms))
    revoked_at_s = math.max(revoked_at_s, tonumber(known_at_s))
  end
elseif redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[5]) then
  return 0
end
local value = string.format('%.0f %.0f', until_ms, revoked_at_s)
redis.call('HSET', KEYS[1], ARGV[1], value)
redis.call('PUBLISH', ARGV[6], value .. ' ' .. ARGV[1])
return 1
)lua";

}  // namespace

std::string revocations_key(const RevocationOptions& options) {
  return options.key_prefix + "revocations";
}

RevocationWriter::RevocationWriter(Commands& commands, RevocationOptions options)
    : commands_(commands), options_(std::move(options)), script_(kScript) {}

void RevocationWriter::write(const Revocation& revocation, WallTime now, Handler done) {
  commands_.run(
      script_, {revocations_key(options_)},
      {field_of(revocation), std::to_string(revocation.until_ms),
       std::to_string(revocation.revoked_at_s), std::to_string(now.time_since_epoch().count()),
       std::to_string(options_.entries_max), revocations_key(options_)},
      [done = std::move(done)](const Result<Reply, LinkError>& reply) mutable {
        if (!reply || reply->kind != Reply::Kind::integer) return done(RevocationTold::unknown);
        done(reply->integer == 1 ? RevocationTold::yes : RevocationTold::full);
      });
}

}  // namespace usher::redis
