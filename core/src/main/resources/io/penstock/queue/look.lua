-- Does:    reads all there is about one job at one instant.
-- KEYS:    records, finishes, active, delayed, extras, cancel requests, crashes, blocked
-- ARGV:    id
-- Returns: {record or nil, finish record or nil, incarnation or nil, due (9 digits) or nil, progress or nil, asked to cancel,
--          crashes or nil, blocked (0 or 1)}
-- Cost:    O(log delayed)
local id = ARGV[1]
local record = redis.call('HGET', KEYS[1], id)
if not record then return {} end
return {
  record,
  redis.call('HGET', KEYS[2], id),
  redis.call('HGET', KEYS[3], id),
  scheduled(KEYS[4], entry_of(record, id)) and string.sub(record, 2, 10),
  redis.call('HGET', KEYS[5], 'p'),
  redis.call('SISMEMBER', KEYS[6], id),
  redis.call('HGET', KEYS[7], id),
  redis.call('HEXISTS', KEYS[8], id),
}
