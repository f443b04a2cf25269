// The ticket store's scripts. Each is one atomic step in Redis.
//
// A record is `L2 generation life_ms span cost payer` while its ticket is live. It is `C1
// generation left_ms` when the ticket is spent (left_ms: the rest of the key's time at that
// moment), and `E1 …` when the connection that it opened has ended. A record stays for the ticket's
// ttl and kTombstoneFor. So all ages come from PTTL, that is, from one clock. The grant has a key
// of its own, which ends with the ticket, and so have the grant's claims, if it has some.
//
// A generation is one life of one master. A restart, a promotion or a lossy copy begins a new one.
// Live records of another generation are not redeemed: they may have been redeemed already, and
// forgotten. The memory key holds `generation run_id replication_id`. The young key exists for 90 s
// after each beginning.
//
// The scripts also run on Redis 6.2: no flags, no functions.
#pragma once

#include <string_view>

namespace usher::redis {

// KEYS: memory, young. ARGV: run_id, replication_id, a fresh generation, young_ms.
// The first command on each connection.
inline constexpr std::string_view kClaimScript = R"lua(
local memory = redis.call('GET', KEYS[1])
if memory and string.sub(memory, 18) == ARGV[1] .. ' ' .. ARGV[2] then return 0 end
redis.call('SET', KEYS[2], '', 'PX', ARGV[4])
redis.call('SET', KEYS[1], ARGV[3] .. ' ' .. ARGV[1] .. ' ' .. ARGV[2])
return 1
)lua";

// The beginning of the next two scripts. KEYS: ticket, memory, young. ARGV: run_id, replication_id,
// a fresh generation, young_ms. Without the memory key everything was deleted: that begins a
// generation too.
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

// Counts outstanding tickets, of all payers together and of each payer: a hash with the number of
// tickets (n) and their bytes (b), and the same numbers for each span of time (a sixth of the ttl)
// in which tickets end. When another span begins (at), the spans that are over are removed and the
// rest is added up again. The hash expires when the last span is over. So a ticket that is never
// redeemed needs no clean-up, and a wrong count corrects itself soon. A ticket may be counted for
// one span longer than it is valid.
inline constexpr std::string_view kCountScript = R"lua(
-- Writes nothing: a full Redis refuses a script at its first write, and does not count HDEL as one.
local function add_up(key, at, span_now)
  local fields, over = {}, {}
  for span = span_now, span_now + 6 do
    fields[#fields + 1] = string.format('n%d', span)
    fields[#fields + 1] = string.format('b%d', span)
  end
  for span = at, math.min(at + 6, span_now - 1) do
    over[#over + 1] = string.format('n%d', span)
    over[#over + 1] = string.format('b%d', span)
  end
  local tickets, bytes = 0, 0
  local found = redis.call('HMGET', key, unpack(fields))
  for i = 1, #fields, 2 do
    tickets = tickets + tonumber(found[i] or 0)
    bytes = bytes + tonumber(found[i + 1] or 0)
  end
  return tickets, bytes, over
end
local function held(key, span, span_now)
  local found = redis.call('HMGET', key, 'at', 'n', 'b', 'n' .. span, 'b' .. span)
  local count = {n = tonumber(found[2] or 0), b = tonumber(found[3] or 0),
                 span_n = tonumber(found[4] or 0), span_b = tonumber(found[5] or 0)}
  local at = tonumber(found[1] or span_now)
  if at ~= span_now then count.n, count.b, count.over = add_up(key, at, span_now) end
  return count
end
local function keep(key, count, cost, span, span_now, left_ms)
  redis.call('HSET', key, 'at', span_now, 'n', count.n + 1, 'b', count.b + cost,
             'n' .. span, count.span_n + 1, 'b' .. span, count.span_b + cost)
  if count.over and #count.over > 0 then redis.call('HDEL', key, unpack(count.over)) end
  if count.span_n == 0 then redis.call('PEXPIRE', key, left_ms) end
end
local function give_back(key, span, cost)
  local found = redis.call('HMGET', key, 'n', 'b', 'n' .. span, 'b' .. span)
  if not found[3] then return end
  redis.call('HSET', key, 'n', math.max(0, found[1] - 1), 'b', math.max(0, found[2] - cost),
             'n' .. span, math.max(0, found[3] - 1), 'b' .. span, math.max(0, found[4] - cost))
end
)lua";

// More KEYS: 4 grant, 5 its claims, 6 the counts of all, 7 the payer's counts (missing without a payer). ARGV[5]:
// life_ms, the whole life of the key. ARGV[6]: ttl_ms. ARGV[7]: the grant. ARGV[8]: the payer, or
// empty. ARGV[9], [10]: the most tickets and bytes that may be outstanding. ARGV[11], [12], [13]:
// TicketShareRules. ARGV[14]: the cost of a ticket without its grant and claims. ARGV[15]: the claims,
// or empty.
inline constexpr std::string_view kPutScript = R"lua(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ttl = tonumber(ARGV[6])
local span_ms = math.ceil(ttl / 6)
local span_now = math.floor(now / span_ms)
local span = string.format('%d', math.floor((now + ttl) / span_ms))
local cost = #ARGV[7] + #ARGV[15] + tonumber(ARGV[14])
local all = held(KEYS[6], span, span_now)
local tickets_free = tonumber(ARGV[9]) - all.n - 1
local bytes_free = tonumber(ARGV[10]) - all.b - cost
if tickets_free < 0 or bytes_free < 0 then return {'full'} end
local mine
if KEYS[7] then
  mine = held(KEYS[7], span, span_now)
  local parts = tonumber(ARGV[11])
  if parts > 0 and (mine.n + 1 > math.max(tonumber(ARGV[12]), tickets_free / parts) or
      mine.b + cost > math.max(tonumber(ARGV[13]), bytes_free / parts)) then return {'full'} end
end
local record = 'L2 ' .. generation .. ' ' .. ARGV[5] .. ' ' .. span .. ' ' .. cost .. ' ' .. ARGV[8]
if not redis.call('SET', KEYS[1], record, 'PX', ARGV[5], 'NX') then return {'taken'} end
redis.call('SET', KEYS[4], ARGV[7], 'PX', ttl)
if ARGV[15] ~= '' then redis.call('SET', KEYS[5], ARGV[15], 'PX', ttl) end
keep(KEYS[6], all, cost, span, span_now, ttl + 2 * span_ms)
if mine then keep(KEYS[7], mine, cost, span, span_now, ttl + 2 * span_ms) end
return {'ok'}
)lua";

// More KEYS: 4 grant, 5 its claims, 6 the counts of all. ARGV[5]: kTombstoneFor in milliseconds.
// ARGV[6]: the prefix of the names of the payers' hashes. L1 is the record of an older version: it contains the
// grant, and is not counted.
inline constexpr std::string_view kRedeemScript = R"lua(
local record = redis.call('GET', KEYS[1])
if not record then
  if redis.call('EXISTS', KEYS[3]) == 1 then return {'lost'} end
  return {'unknown'}
end
local left = redis.call('PTTL', KEYS[1])
local state, born, number, rest = string.match(record, '^(%u[12]) (%x+) (%d+) ?(.*)$')
if state == 'C1' then return {'consumed', tonumber(number) - left} end
if state == 'E1' then return {'ended', tonumber(number) - left} end
if state ~= 'L1' and state ~= 'L2' then return {'garbage'} end
if born ~= generation then return {'lost'} end
if left <= tonumber(ARGV[5]) then return {'expired', tonumber(number) - left} end
local grant, claims = rest, ''
local span, cost, payer
if state == 'L2' then
  span, cost, payer = string.match(rest, '^(%d+) (%d+) (%x*)$')
  if not span then return {'garbage'} end
  grant = redis.call('GET', KEYS[4])
  if not grant then return {'expired', tonumber(number) - left} end
  claims = redis.call('GET', KEYS[5]) or ''
end
redis.call('SET', KEYS[1], 'C1 ' .. generation .. ' ' .. left, 'KEEPTTL')
if span then
  redis.call('DEL', KEYS[4], KEYS[5])
  give_back(KEYS[6], span, tonumber(cost))
  if payer ~= '' then give_back(ARGV[6] .. payer, span, tonumber(cost)) end
end
return {'ok', grant, claims}
)lua";

// KEYS: ticket. The connection that it opened has ended.
inline constexpr std::string_view kEndScript = R"lua(
local rest = string.match(redis.call('GET', KEYS[1]) or '', '^C1( .*)$')
if rest then redis.call('SET', KEYS[1], 'E1' .. rest, 'KEEPTTL') end
return 1
)lua";

}  // namespace usher::redis
