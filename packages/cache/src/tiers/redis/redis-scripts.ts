import { createHash } from 'node:crypto';

/**
 * The atomic steps of the Redis tier.
 *
 * Keys (all with one hash tag, so that a cluster holds them together):
 * `meta` hash {incarnation, seq, floor, mark} · `tags` sorted set tag → step of its last invalidation · `log` stream `incarnation-seq` → {m: mark, e: entry}
 * · `v:KEY` hash {i: incarnation, s: step, h: head, b: body} · `l:KEY` lease `token incarnation step`.
 *
 * `floor` is the last step at which everything older became invalid. `tags` is bounded: the tag invalidated longest ago leaves and lifts the floor to its step, so
 * that forgetting can only invalidate. The member '' of `tags` has the incarnation as its score; when it, or `meta`, is not there any more (FLUSHALL, eviction by
 * maxmemory, a restart without persistence), versions were lost and a new incarnation begins, in which no older value is valid.
 * The same happens when a reader knows a later step than the server, or another one at the same number: a failover or an old snapshot took acknowledged steps back.
 */
const PRELUDE = `
local meta, tags, log = KEYS[1], KEYS[2], KEYS[3]
local state = redis.call('HMGET', meta, 'incarnation', 'seq', 'floor', 'mark')
local incarnation, seq, floor, mark = state[1], tonumber(state[2]), tonumber(state[3]), state[4]
local sinceIncarnation, since, sinceMark, limit = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])

local function renew()
  local time = redis.call('TIME')
  local fresh = math.max(tonumber(time[1]) * 1000000 + tonumber(time[2]), (tonumber(sinceIncarnation) or 0) + 1, (tonumber(incarnation or 0) or 0) + 1)
  incarnation, seq, floor, mark = string.format('%.0f', fresh), 0, 0, ''
  redis.call('DEL', tags, log)
  redis.call('ZADD', tags, incarnation, '')
  redis.call('HSET', meta, 'incarnation', incarnation, 'seq', 0, 'floor', 0, 'mark', '')
end

local function is(score, number)
  return score and tonumber(score) == tonumber(number)
end
if not (incarnation and seq and floor and mark) or not is(redis.call('ZSCORE', tags, ''), incarnation) then renew() end

local function news()
  if sinceIncarnation ~= incarnation then return { incarnation, seq, mark, 0, 1, {} } end
  if since > seq or (since == seq and sinceMark ~= mark) then
    renew()
    return { incarnation, seq, mark, 0, 1, {} }
  end
  if since == seq then return { incarnation, seq, mark, 1, 1, {} } end
  local from = math.max(since, 1)
  local found = redis.call('XRANGE', log, incarnation .. '-' .. from, '+', 'COUNT', limit + 1)
  if #found == 0 or found[1][1] ~= incarnation .. '-' .. from then return { incarnation, seq, mark, 0, 1, {} } end
  if since > 0 and found[1][2][2] ~= sinceMark then
    renew()
    return { incarnation, seq, mark, 0, 1, {} }
  end
  local entries, lastMark, count = {}, sinceMark, 0
  for at = (since > 0) and 2 or 1, #found do
    lastMark = found[at][2][2]
    entries[#entries + 1] = lastMark
    entries[#entries + 1] = found[at][2][4]
    count = count + 1
  end
  return { incarnation, since + count, lastMark, 1, (since + count == seq) and 1 or 0, entries }
end
local slice = news()

local function isValid(valueIncarnation, step, head)
  step = tonumber(step)
  if valueIncarnation ~= incarnation or not step or step < floor then return false end
  local isRead, read = pcall(cjson.decode, head)
  if not isRead then return false end
  for _, tag in ipairs(read.t) do
    local at = 0
    while at do
      at = string.find(tag, '/', at + 1, true)
      local name = at and string.sub(tag, 1, at - 1) or tag
      local score = name ~= '' and redis.call('ZSCORE', tags, name)
      if score and tonumber(score) > step then return false end
    end
  end
  return true
end
local function isLive(key)
  local found = redis.call('HMGET', key, 'i', 's', 'h')
  return found[1] and isValid(found[1], found[2], found[3])
end
local function leaseOf(key)
  local held = redis.call('GET', key)
  if not held then return nil end
  return string.match(held, '^(%S+) (%S+) (%S+)$')
end
local function lease(key, token, ms)
  redis.call('SET', key, token .. ' ' .. incarnation .. ' ' .. seq, 'PX', ms)
end
`;

/** KEYS[4] value, KEYS[5] lease; ARGV: token or '', lease ms. */
const READ = `
if isLive(KEYS[4]) then
  local found = redis.call('HMGET', KEYS[4], 'h', 'b')
  return { slice, 'hit', found[1], found[2], redis.call('PTTL', KEYS[4]) }
end
redis.call('UNLINK', KEYS[4])
local token = ARGV[5]
if token == '' then return { slice, 'miss' } end
local holder = leaseOf(KEYS[5])
local origin = '^([^:]*):'
if holder and string.match(holder, origin) ~= string.match(token, origin) then return { slice, 'held' } end
lease(KEYS[5], token, ARGV[6])
return { slice, 'leased' }
`;

/** KEYS[4] value, KEYS[5] lease; ARGV: token, head, body, ttl ms. */
const FILL = `
local token, leaseIncarnation, step = leaseOf(KEYS[5])
if token ~= ARGV[5] then return { slice, 0 } end
redis.call('DEL', KEYS[5])
if not isValid(leaseIncarnation, step, ARGV[6]) then return { slice, 0 } end
redis.call('UNLINK', KEYS[4])
redis.call('HSET', KEYS[4], 'i', incarnation, 's', step, 'h', ARGV[6], 'b', ARGV[7])
redis.call('PEXPIRE', KEYS[4], ARGV[8])
return { slice, 1 }
`;

/** KEYS[4…] value and lease of each key; ARGV: mark, entry, '1' for everything, most tags, log length, token or '', lease ms, tags…. */
const INVALIDATE = `
seq, mark = seq + 1, ARGV[5]
local removed = 0
for at = 4, #KEYS, 2 do
  if isLive(KEYS[at]) then removed = removed + 1 end
  redis.call('UNLINK', KEYS[at], KEYS[at + 1])
end
for at = 12, #ARGV do redis.call('ZADD', tags, seq, ARGV[at]) end
if ARGV[7] == '1' then
  floor = seq
  redis.call('UNLINK', tags)
  redis.call('ZADD', tags, incarnation, '')
end
for _ = 1, redis.call('ZCARD', tags) - 1 - tonumber(ARGV[8]) do
  floor = math.max(floor, tonumber(redis.call('ZPOPMIN', tags)[2]))
end
redis.call('HSET', meta, 'seq', seq, 'floor', floor, 'mark', mark)
redis.call('XADD', log, 'MAXLEN', '~', ARGV[9], incarnation .. '-' .. seq, 'm', mark, 'e', ARGV[6])
if ARGV[10] ~= '' then lease(KEYS[5], ARGV[10], ARGV[11]) end
return { slice, removed }
`;

export interface RedisScript {
  readonly text: string;
  readonly sha1: string;
}

function script(body: string, prelude = PRELUDE): RedisScript {
  const text = prelude + body;
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

export const READ_SCRIPT: RedisScript = script(READ);
export const FILL_SCRIPT: RedisScript = script(FILL);
export const INVALIDATE_SCRIPT: RedisScript = script(INVALIDATE);
export const SYNC_SCRIPT: RedisScript = script('return { slice }');
/** KEYS[1] lease; ARGV: token, ms or 0 to end it. */
export const KEEP_LEASE_SCRIPT: RedisScript = script(
  `
local held = redis.call('GET', KEYS[1])
if not held or string.match(held, '^%S+') ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`,
  '',
);
