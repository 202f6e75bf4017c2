-- Does:    appends lines to the audit and drops the oldest that are too many, too much or too old; a batch sent twice is written once.
-- KEYS:    log, its bytes, last batch of this writer
-- ARGV:    number of the batch, most lines, most bytes, most age in millis, lines
-- Returns: {lines written, lines dropped}
-- Cost:    O(lines); at most 1,000 old ones dropped
if tonumber(redis.call('GET', KEYS[3]) or '0') >= tonumber(ARGV[1]) then return {0, 0} end
local t = redis.call('TIME')
local fresh = 0
for i = 5, #ARGV do
  redis.call('XADD', KEYS[1], '*', 'l', ARGV[i])
  fresh = fresh + #ARGV[i]
end
redis.call('SET', KEYS[3], ARGV[1], 'PX', 86400000)
local many = redis.call('XLEN', KEYS[1])
local bytes = redis.call('INCRBY', KEYS[2], fresh)
if many == #ARGV - 4 then -- the log was lost, or this is its first
  bytes = fresh
  redis.call('SET', KEYS[2], bytes)
end
local cutoff = t[1] * 1000 - tonumber(ARGV[4])
local dropped = 0
local look = 1 -- mostly the oldest may stay
while dropped < 1000 do
  local gone, freed = {}, 0
  for _, entry in ipairs(redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', look)) do
    local born = tonumber(string.match(entry[1], '^%d+'))
    if many - #gone > tonumber(ARGV[2]) or bytes - freed > tonumber(ARGV[3]) or born < cutoff then
      gone[#gone + 1] = entry[1]
      freed = freed + #entry[2][2]
    else
      break
    end
  end
  if #gone == 0 then break end
  redis.call('XDEL', KEYS[1], unpack(gone))
  bytes = redis.call('DECRBY', KEYS[2], freed)
  many = many - #gone
  dropped = dropped + #gone
  look = 100
end
return {#ARGV - 4, dropped}
