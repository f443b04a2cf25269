#include "redis/broker/broker_scripts.h"

#include <string>

namespace usher::redis {
namespace {

const std::string kNow = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
)";

// KEYS: channel, stream, …, life. ARGV: run_id, new epoch, position ttl.
const std::string kPosition = R"(
local function life()
  local kept = redis.call('GET', KEYS[#KEYS]) or ''
  if string.match(kept, '^[^:]*') == ARGV[1] then return kept end
  local begun = ARGV[1] .. ':' .. ARGV[2]
  redis.call('SET', KEYS[#KEYS], begun)
  return begun
end
local function position()
  local now_living = life()
  local kept = redis.call('HMGET', KEYS[1], 'life', 'epoch', 'offset')
  if kept[1] == now_living then return kept[2], tonumber(kept[3]) end
  redis.call('HSET', KEYS[1], 'life', now_living, 'epoch', ARGV[2], 'offset', 0)
  redis.call('HDEL', KEYS[1], 'version', 'version_epoch')
  redis.call('DEL', KEYS[2])
  return ARGV[2], 0
end
)";

const std::string kDropExpired = R"(
local function drop_expired(ttl)
  local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
  if not newest then return end
  local function expired(entry)
    return tonumber(string.match(entry[1], '%-(%d+)$')) + ttl <= now
  end
  if expired(newest) then redis.call('DEL', KEYS[2]) return end
  while true do
    local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
    if not expired(oldest) then return end
    redis.call('XDEL', KEYS[2], oldest[1])
  end
end
)";

// `key` holds the position of the first publication with this idempotency key.
const std::string kBefore = R"(
local function before(key)
  local offset, epoch = string.match(redis.call('GET', key) or '', '^(%d+) (.*)$')
  return offset and {tonumber(offset), epoch}
end
)";

// Versions are compared as digits: Lua's numbers do not hold all of 64 bits.
const std::string kIsNewer = R"(
local function is_newer(version, version_epoch)
  local kept = redis.call('HMGET', KEYS[1], 'version', 'version_epoch')
  local last = kept[1]
  if not last or (version_epoch ~= '' and version_epoch ~= kept[2]) then return true end
  if #version ~= #last then return #version > #last end
  return version > last
end
)";

const std::string kPublish = kNow + kPosition + kDropExpired + kBefore + kIsNewer + R"(
local published = ARGV[6] ~= '0' and before(KEYS[3])
if published then return published end
local epoch, offset = position()
if ARGV[9] ~= '0' then
  if not is_newer(ARGV[9], ARGV[10]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    return {offset, epoch}
  end
  redis.call('HSET', KEYS[1], 'version', ARGV[9], 'version_epoch', ARGV[10])
end
offset = offset + 1
drop_expired(tonumber(ARGV[8]))
redis.call('XADD', KEYS[2], 'MAXLEN', '=', ARGV[7], string.format('%d-%d', offset, now), 'p', ARGV[5])
redis.call('HSET', KEYS[1], 'offset', offset)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[8])
if ARGV[6] ~= '0' then
  redis.call('SET', KEYS[3], string.format('%d %s', offset, epoch), 'PX', ARGV[6])
end
redis.call('PUBLISH', ARGV[4], string.format('P%d %s ', offset, epoch) .. ARGV[5])
return {offset, epoch}
)";

// To delete a missing key is a write too: a replica refuses it.
const std::string kPublishLive = kBefore + R"(
if ARGV[3] == '0' then
  redis.call('DEL', KEYS[1])
else
  local published = before(KEYS[1])
  if published then return published end
  redis.call('SET', KEYS[1], '0 ', 'PX', ARGV[3])
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return {0, ''}
)";

const std::string kPage = kNow + kPosition + kDropExpired + R"(
local epoch, top = position()
drop_expired(tonumber(ARGV[4]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local owner = redis.call('GET', KEYS[3]) or ''
local from = top + 1 - redis.call('XLEN', KEYS[2])
local to = top
local gap = 'none'
local reverse = ARGV[8] == '1'
if ARGV[6] ~= '' then
  local since = tonumber(ARGV[6])
  if (ARGV[5] ~= '' and ARGV[5] ~= epoch) or since > top then return {epoch, top, 'epoch_changed', 0, {}, owner} end
  if reverse then
    to = math.min(top, since - 1)
  elseif since + 1 >= from then
    from = since + 1
  else
    gap = 'trimmed'
  end
end
local count = math.max(0, to - from + 1)
local limit = tonumber(ARGV[7])
local more = 0
if limit >= 0 and count > limit then count = limit more = 1 end
local packed = {}
if count > 0 then
  local first, last = string.format('%d', from), string.format('%d', to)
  local found = reverse and redis.call('XREVRANGE', KEYS[2], last, first, 'COUNT', count)
    or redis.call('XRANGE', KEYS[2], first, last, 'COUNT', count)
  for _, entry in ipairs(found) do
    packed[#packed + 1] = entry[1]
    packed[#packed + 1] = entry[2][2]
  end
end
return {epoch, top, gap, more, packed, owner}
)";

const std::string kBind = kPosition + R"(
position()
local before = redis.call('HGET', KEYS[1], 'owner')
redis.call('HSET', KEYS[1], 'owner', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[5])
if ARGV[6] ~= '' then
  if before and before ~= ARGV[4] then redis.call('DEL', KEYS[2]) end
  redis.call('PUBLISH', ARGV[6], ARGV[7])
end
return 1
)";

// KEYS: present, present_until. ARGV[1]: messages channel. Removes clients whose node has died.
const std::string kPresent = kNow + R"(
local gone = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, 256)
for _, client in ipairs(gone) do
  local info = redis.call('HGET', KEYS[1], client)
  redis.call('HDEL', KEYS[1], client)
  redis.call('ZREM', KEYS[2], client)
  if info and ARGV[1] ~= '' then redis.call('PUBLISH', ARGV[1], 'L' .. info) end
end
local function keep(ttl, client, info)
  redis.call('HSET', KEYS[1], client, info)
  redis.call('ZADD', KEYS[2], now + ttl, client)
end
local function keep_all(ttl)
  redis.call('PEXPIRE', KEYS[1], 2 * ttl)
  redis.call('PEXPIRE', KEYS[2], 2 * ttl)
end
)";

const std::string kAddPresence = kPresent + R"(
local is_new = redis.call('HEXISTS', KEYS[1], ARGV[4]) == 0
if is_new and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
keep(tonumber(ARGV[2]), ARGV[4], ARGV[5])
keep_all(tonumber(ARGV[2]))
if not is_new then return 1 end
if ARGV[1] ~= '' then redis.call('PUBLISH', ARGV[1], 'J' .. ARGV[5]) end
return 2
)";

const std::string kRefreshPresence = kPresent + R"(
for i = 3, #ARGV, 2 do keep(tonumber(ARGV[2]), ARGV[i], ARGV[i + 1]) end
keep_all(tonumber(ARGV[2]))
return 1
)";

const std::string kRemovePresence = kPresent + R"(
if redis.call('HDEL', KEYS[1], ARGV[2]) == 0 then return 0 end
redis.call('ZREM', KEYS[2], ARGV[2])
if ARGV[1] ~= '' then redis.call('PUBLISH', ARGV[1], 'L' .. ARGV[3]) end
return 1
)";

const std::string kPresence = kPresent + R"(
return redis.call('HVALS', KEYS[1])
)";

// Entries of dead nodes are removed first.
const std::string kConnect = kNow + R"(
local function let_go(key, over)
  local oldest = redis.call('ZRANGE', key, 0, -1)
  local still = {}
  for _, entry in ipairs(oldest) do
    local node = string.match(entry, '^([^:]*):')
    local seen = redis.call('ZSCORE', KEYS[1], node)
    if over > 0 and (not seen or tonumber(seen) + tonumber(ARGV[4]) < now) and node ~= ARGV[1] then
      redis.call('ZREM', key, entry)
      over = over - 1
    else
      still[#still + 1] = entry
    end
  end
  for i = 1, over do
    redis.call('ZREM', key, still[i])
    local node, client = string.match(still[i], '^([^:]*):(.*)$')
    redis.call('PUBLISH', ARGV[6] .. node, 'X' .. client)
  end
end
for i = 2, #KEYS do
  redis.call('ZADD', KEYS[i], string.format('%d', time[1] * 1000000 + time[2]),
             ARGV[1] .. ':' .. ARGV[2] .. ':' .. ARGV[3])
  redis.call('PEXPIRE', KEYS[i], ARGV[5])
  local over = redis.call('ZCARD', KEYS[i]) - tonumber(ARGV[5 + i])
  if over > 0 then let_go(KEYS[i], over) end
end
return 1
)";

const std::string kStayAlive = kNow + R"(
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 3600000)
redis.call('PEXPIRE', KEYS[1], 3600000)
redis.call('SET', KEYS[2], '', 'PX', 5000)
return 1
)";

// A message costs 1, and 1 more for each KiB. An entry of the stream of orders holds the cost of
// all entries up to it. After a message that the stream can't take, no further one is added,
// because it would come first.
const std::string kOrder = kNow + R"(
local alive = redis.call('ZCOUNT', KEYS[1], now - tonumber(ARGV[2]), '+inf')
redis.call('PEXPIRE', KEYS[1], 3600000)
local heard = 0
local kept = tonumber(ARGV[3])
local is_new = kept < #ARGV - 4
local newest = is_new and redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
local cost = newest and tonumber(newest[2][4] or 0) or 0
for i = 5, #ARGV do
  if kept == i - 5 then
    local with_it = cost + 1 + math.floor(#ARGV[i] / 1024)
    local id = redis.pcall('XADD', KEYS[2], '*', 'o', ARGV[i], 'c', string.format('%d', with_it))
    if type(id) == 'string' then
      kept = kept + 1
      cost = with_it
    end
  end
  heard = redis.call('PUBLISH', ARGV[1], ARGV[i])
end
while is_new do
  local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
  if not oldest or cost - tonumber(oldest[2][4] or 0) < tonumber(ARGV[4]) then break end
  redis.call('XDEL', KEYS[2], oldest[1])
end
if is_new then redis.call('PEXPIRE', KEYS[2], 3600000) end
return {heard, alive, kept}
)";

// PEXPIRE is a write: a replica refuses, as it refuses all orders.
const std::string kAsk = kNow + R"(
local alive = redis.call('ZRANGEBYSCORE', KEYS[1], now - tonumber(ARGV[2]), '+inf')
redis.call('PEXPIRE', KEYS[1], 3600000)
return {redis.call('PUBLISH', ARGV[1], ARGV[3]), alive}
)";

}  // namespace

BrokerScripts::BrokerScripts()
    : publish(kPublish),
      publish_live(kPublishLive),
      page(kPage),
      bind(kBind),
      add_presence(kAddPresence),
      refresh_presence(kRefreshPresence),
      remove_presence(kRemovePresence),
      presence(kPresence),
      connect(kConnect),
      stay_alive(kStayAlive),
      order(kOrder),
      ask(kAsk) {}

}  // namespace usher::redis
