// Writes all keys of a Redis as JSON lines, sorted by key: {"key","type","value"}; what is not UTF-8 is {"base64"}.
import Redis from "ioredis";
import { writeFileSync } from "node:fs";

const [port, file, skip] = process.argv.slice(2);
const redis = new Redis({ port: Number(port) });

const text = (bytes) => {
  const utf8 = bytes.toString("utf8");
  return Buffer.from(utf8, "utf8").equals(bytes)
    ? utf8.replaceAll(process.cwd(), "/app") // stacks name files
    : { base64: bytes.toString("base64") };
};
const pairs = (flat, as) => {
  const all = [];
  for (let i = 0; i < flat.length; i += 2) all.push([text(flat[i]), as(flat[i + 1])]);
  return all;
};
const read = {
  string: async (key) => text(await redis.getBuffer(key)),
  list: async (key) => (await redis.lrangeBuffer(key, 0, -1)).map(text),
  set: async (key) => (await redis.smembersBuffer(key)).map(text).sort(),
  hash: async (key) => pairs(await redis.callBuffer("HGETALL", key), text),
  zset: async (key) => pairs(await redis.callBuffer("ZRANGE", key, 0, -1, "WITHSCORES"), (n) => Number(n)),
};
const lines = [];
for (const key of (await redis.keys("*")).sort()) {
  if (skip && new RegExp(skip).test(key)) continue;
  const type = await redis.type(key);
  if (read[type]) lines.push(JSON.stringify({ key, type, value: await read[type](key) }));
}
writeFileSync(file, lines.join("\n") + "\n");
console.log(`${file}: ${lines.length} keys`);
redis.disconnect();
