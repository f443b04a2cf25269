// What Redis itself does for the ticket store, each in one atomic step.
//
// A record is `L1 generation life_ms grant` while its ticket is live, and `C1 generation left_ms`
// once it is spent (left_ms: what was left of the key's time then). It stays for the ticket's ttl
// and kTombstoneFor more, so all ages come from PTTL: from one clock.
//
// A generation is what Redis can vouch for: one life of one master. A restart, a promotion or a
// lossy copy begins a new one, and live records of another are not redeemed: they may have been
// already. The memory key says `generation run_id replication_id`; the young key stands for 90 s
// after each beginning.
//
// They work on Redis 6.2 too: no flags, no functions.
#pragma once

#include <string_view>

namespace usher::redis {

// KEYS: memory, young. ARGV: run_id, replication_id, a fresh generation, young_ms.
// The first words of each connection.
inline constexpr std::string_view kClaimScript = R"lua(
local memory = redis.call('GET', KEYS[1])
if memory and string.sub(memory, 18) == ARGV[1] .. ' ' .. ARGV[2] then return 0 end
redis.call('SET', KEYS[2], '', 'PX', ARGV[4])
redis.call('SET', KEYS[1], ARGV[3] .. ' ' .. ARGV[1] .. ' ' .. ARGV[2])
return 1
)lua";

// Before the other two. KEYS: ticket, memory, young. ARGV: run_id, replication_id, a fresh
// generation, young_ms. Without the memory key everything was deleted: that is a beginning, too.
inline constexpr std::string_view kGenerationScript = R"lua(
local memory = redis.call('GET', KEYS[2])
if not memory then
  memory = ARGV[3] .. ' ' .. ARGV[1] .. ' ' .. ARGV[2]
  redis.call('SET', KEYS[3], '', 'PX', ARGV[4])
  redis.call('SET', KEYS[2], memory)
end
if string.sub(memory, 18, 17 + #ARGV[1]) ~= ARGV[1] then return {'unclaimed'} end
local generation = string.sub(memory, 1, 16)
)lua";

// ARGV[5]: life_ms, all of the key's time. ARGV[6]: the grant.
inline constexpr std::string_view kPutScript = R"lua(
local record = 'L1 ' .. generation .. ' ' .. ARGV[5] .. ' ' .. ARGV[6]
if redis.call('SET', KEYS[1], record, 'PX', ARGV[5], 'NX') then return {'ok'} end
return {'taken'}
)lua";

// ARGV[5]: kTombstoneFor in milliseconds.
inline constexpr std::string_view kRedeemScript = R"lua(
local record = redis.call('GET', KEYS[1])
if not record then
  if redis.call('EXISTS', KEYS[3]) == 1 then return {'lost'} end
  return {'unknown'}
end
local left = redis.call('PTTL', KEYS[1])
local state, born, number, grant = string.match(record, '^(%u)1 (%x+) (%d+) ?(.*)$')
if state == 'C' then return {'consumed', tonumber(number) - left} end
if state ~= 'L' then return {'garbage'} end
if born ~= generation then return {'lost'} end
if left <= tonumber(ARGV[5]) then return {'expired', tonumber(number) - left} end
redis.call('SET', KEYS[1], 'C1 ' .. generation .. ' ' .. left, 'KEEPTTL')
return {'ok', grant}
)lua";

}  // namespace usher::redis
