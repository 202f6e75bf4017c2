-- Does:    walks over the keys of the server that holds one key, which on a Cluster no command without a key can choose.
-- KEYS:    any key of that server
-- ARGV:    cursor, pattern, count
-- Returns: {next cursor, {keys}}
-- Cost:    O(count)
return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', ARGV[3])
