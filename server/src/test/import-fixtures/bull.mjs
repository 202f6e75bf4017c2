// node bull.mjs PORT bull3|bull4 : jobs in every state, written by the real Bull.
import { setTimeout as wait } from "node:timers/promises";
import Redis from "ioredis";

const [port, version] = process.argv.slice(2);
const { default: Queue } = await import(version);
const redis = { port: Number(port) };
const orders = new Queue("orders", { redis });

// what ran before: one done, one dead, one that waits for its second try
orders.process("done", async () => "ok");
orders.process("dead", async () => { throw new TypeError("no such «customer» 客户"); });
orders.process("retry", async () => { throw new Error("timeout of 30 s\nat the bank"); });
let started;
const running = new Promise((resolve) => (started = resolve));
orders.process("hang", async () => { started(); await wait(600_000, undefined, { ref: false }); });
await orders.add("done", { n: 1 });
await orders.add("dead", { customer: "客户 42", deep: { a: [1, 2.50, null, true] } }, { attempts: 1 });
await orders.add("retry", { id: 9007199254740993n.toString() }, { attempts: 4, backoff: { type: "fixed", delay: 3_600_000 } });
await orders.add("hang", {});
await running;
while ((await orders.getFailedCount()) < 1 || (await orders.getDelayedCount()) < 1) await wait(20);
await orders.pause(true, true); // this worker takes no more; what follows waits

await orders.add("mail.send", { to: "zoë@example.org", text: "héllo 世界 🚀", nul: "a\u0000b" });
await orders.add({ plain: true });
await orders.add("mail.send", { second: 2 }, { attempts: 5, backoff: { type: "exponential", delay: 2000 }, timeout: 30_000 });
await orders.add("urgent", { p: 1 }, { priority: 1 });
await orders.add("lesser", { p: 100 }, { priority: 100 });
await orders.add("Ünï code/with::stuff", { odd: 1 }, { jobId: "order:42", backoff: 1500, attempts: 3 });
await orders.add("lifo", { last: "first" }, { lifo: true });
await orders.add("big", { text: "x".repeat(20_000) });
await orders.add("later", { when: "tomorrow" }, { delay: 86_400_000, attempts: 2, backoff: { type: "custom" } });
await orders.add("report", { every: "hour" }, { repeat: { cron: "0 * * * *", tz: "Europe/Berlin" } });
await orders.add("ping", {}, { repeat: { every: 60_000 } });
await orders.add("nothing");

const halted = new Queue("halted", { redis });
await halted.pause();
await halted.add("one", { n: 1 });
await halted.add("two", { n: 2 });

// entries that no healthy program writes
const raw = new Redis(redis);
await raw.lpush("bull:orders:wait", "ghost-1");
await raw.hset("bull:orders:bad-json", { name: "mail.send", data: "{not json", opts: "{}", timestamp: "1700000000000", attemptsMade: "0" });
await raw.lpush("bull:orders:wait", "bad-json");
await raw.hset("bull:orders:bad-opts", { name: "mail.send", data: "{\"ok\":1}", opts: "[[", timestamp: "soon", attemptsMade: "many" });
await raw.lpush("bull:orders:wait", "bad-opts");
await raw.zadd("bull:orders:failed", 1700000000000, "ghost-2");
console.log(version, "written");
process.exit(0);
