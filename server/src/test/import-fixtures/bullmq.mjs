// node bullmq.mjs PORT bullmq4|bullmq5|bullmq6 : jobs in every state, written by the real BullMQ.
import { setTimeout as wait } from "node:timers/promises";
import Redis from "ioredis";

const [port, version] = process.argv.slice(2);
const { Queue, Worker, FlowProducer } = await import(version);
const connection = { port: Number(port), maxRetriesPerRequest: null };
const orders = new Queue("orders", { connection });

let started;
const running = new Promise((resolve) => (started = resolve));
const worker = new Worker("orders", async (job) => {
  if (job.name === "dead") throw new TypeError("no such «customer» 客户");
  if (job.name === "retry") throw new Error("timeout of 30 s\nat the bank");
  if (job.name === "hang") { started(); await wait(600_000, undefined, { ref: false }); }
  return "ok";
}, { connection, concurrency: 4 });
await orders.add("done", { n: 1 });
await orders.add("dead", { customer: "客户 42", deep: { a: [1, 2.50, null, true] } }, { attempts: 1 });
await orders.add("retry", { id: 9007199254740993n.toString() }, { attempts: 4, backoff: { type: "fixed", delay: 3_600_000 } });
await orders.add("hang", {});
await running;
while ((await orders.getFailedCount()) < 1 || (await orders.getDelayedCount()) < 1) await wait(20);
await worker.close(true); // as if it had died: what it ran stays active

await orders.add("mail.send", { to: "zoë@example.org", text: "héllo 世界 🚀", nul: "a\u0000b" });
await orders.add("mail.send", { second: 2 }, { attempts: 5, backoff: { type: "exponential", delay: 2000, jitter: 0.5 } });
await orders.add("urgent", { p: 1 }, { priority: 1 });
await orders.add("lesser", { p: 100 }, { priority: 100 });
await orders.add("Ünï code/with::stuff", { odd: 1 }, { jobId: "order-42", backoff: 1500, attempts: 3 });
await orders.add("lifo", { last: "first" }, { lifo: true });
await orders.add("big", { text: "x".repeat(20_000) });
await orders.add("later", { when: "tomorrow" }, { delay: 86_400_000, attempts: 2, backoff: { type: "custom" } });
await orders.add("report", { every: "hour" }, { repeat: { pattern: "0 * * * *", tz: "Europe/Berlin" } });
if (orders.upsertJobScheduler) await orders.upsertJobScheduler("ping", { every: 60_000 }, { name: "ping", data: {} });
await orders.add("nothing");
await orders.add("once", { d: 1 }, version === "bullmq4" ? {} : { deduplication: { id: "dedup-1" } });

await new FlowProducer({ connection }).add({
  name: "parent", queueName: "orders", data: { flow: 1 },
  children: [{ name: "child", queueName: "orders", data: { child: 1 } }],
});

const halted = new Queue("halted", { connection });
await halted.pause();
await halted.add("one", { n: 1 });
await halted.add("two", { n: 2 });

const raw = new Redis({ port: Number(port) });
await raw.lpush("bull:orders:wait", "ghost-1");
await raw.hset("bull:orders:bad-json", { name: "mail.send", data: "{not json", opts: "{}", timestamp: "1700000000000" });
await raw.lpush("bull:orders:wait", "bad-json");
await raw.hset("bull:orders:bad-opts", { name: "mail.send", data: "{\"ok\":1}", opts: "[[", timestamp: "soon", atm: "many" });
await raw.lpush("bull:orders:wait", "bad-opts");
await raw.zadd("bull:orders:failed", 1700000000000, "ghost-2");
console.log(version, "written");
process.exit(0);
