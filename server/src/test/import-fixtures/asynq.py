"""python3 asynq.py PORT : asynq's keys, with messages encoded by protoc from asynq.proto.

asynq itself is a Go module, which is not to be had where these were made, so its commands (HSET of msg, state,
pending_since, unique_key; LPUSH or ZADD of the id; SADD asynq:queues) are written here after its documentation of them.
"""
import os, subprocess, sys, time, redis

HERE = os.path.dirname(os.path.abspath(__file__))
r = redis.Redis(port=int(sys.argv[1]))


def quoted(raw):
    return '"' + "".join("\\%03o" % b for b in raw) + '"'


def message(**fields):
    text = []
    for name, value in fields.items():
        if name == "headers":
            for k, v in value.items():
                text.append("headers { key: %s value: %s }" % (quoted(k.encode()), quoted(v.encode())))
        elif isinstance(value, int):
            text.append("%s: %d" % (name, value))
        else:
            raw = value if isinstance(value, bytes) else value.encode()
            text.append("%s: %s" % (name, quoted(raw)))
    return subprocess.run(
        ["protoc", "--encode=asynq.TaskMessage", "-I", HERE, "asynq.proto"],
        input="\n".join(text).encode(), stdout=subprocess.PIPE, check=True).stdout


def key(queue, rest):
    return "asynq:{%s}:%s" % (queue, rest)


def put(queue, state, task, when=None, **fields):
    r.sadd("asynq:queues", queue)
    hash_ = {"msg": message(queue=queue, id=task, **fields), "state": state}
    if state == "pending":
        hash_["pending_since"] = str(time.time_ns())
    if "unique_key" in fields:
        hash_["unique_key"] = fields["unique_key"]
        r.set(fields["unique_key"], task, ex=86_400)
    r.hset(key(queue, "t:" + task), mapping=hash_)
    if state in ("pending", "active"):
        r.lpush(key(queue, state), task)
    else:
        r.zadd(key(queue, state), {task: int(when)})


now = int(time.time())
JSON = '{"to":"zoë@example.org","text":"héllo 世界 🚀"}'
put("default", "pending", "11111111-aaaa", type="email:welcome", payload=JSON, retry=25, timeout=1800)
put("default", "pending", "22222222-aaaa", type="image:resize", payload=bytes([0, 1, 2, 254, 255]), retry=3, timeout=60,
    headers={"trace-id": "abc"})
put("default", "pending", "33333333-aaaa", type="plain", payload=b"", retry=0, deadline=now + 7_200)
put("default", "pending", "44444444-aaaa", type="big", payload='{"text":"' + "x" * 20_000 + '"}', retry=5)
put("default", "pending", "order:42", type="unique", payload="[1,2.50]", retry=5, unique_key=key("default", "unique:u:1"))
put("default", "active", "55555555-aaaa", type="email:welcome", payload="{}", retry=25)
put("default", "scheduled", "66666666-aaaa", now + 86_400, type="later", payload='{"when":"tomorrow"}', retry=2)
put("default", "retry", "77777777-aaaa", now + 3_600, type="retry", payload='{"id":"9007199254740993"}', retry=4, retried=2,
    error_msg="timeout of 30 s\nat the bank", last_failed_at=now - 60)
put("default", "archived", "88888888-aaaa", now - 30, type="dead", payload='{"customer":"客户 42"}', retry=1, retried=1,
    error_msg="no such «customer» 客户", last_failed_at=now - 30)
put("default", "completed", "99999999-aaaa", now + 600, type="done", payload="{}", retention=600, completed_at=now)
put("low", "pending", "aaaaaaaa-aaaa", type="low", payload='"text"', retry=1)
# aggregation, schedulers, and entries that no healthy program writes
r.hset(key("low", "t:bbbb"), mapping={"msg": message(queue="low", id="bbbb", type="agg", payload="{}", group_key="g1"), "state": "aggregating", "group": "g1"})
r.zadd(key("low", "g:g1"), {"bbbb": now})
r.sadd(key("low", "groups"), "g1")
r.set(key("low", "paused"), now)
r.zadd("asynq:schedulers", {"asynq:schedulers:{host:1:x}": now + 3_600})
r.rpush("asynq:schedulers:{host:1:x}", subprocess.run(
    ["protoc", "--encode=asynq.SchedulerEntry", "-I", HERE, "asynq.proto"],
    input=b'id: "e1" spec: "@every 5m" task_type: "ping" task_payload: "{}"', stdout=subprocess.PIPE, check=True).stdout)
r.lpush(key("default", "pending"), "ghost-1")
r.hset(key("default", "t:bad"), mapping={"msg": b"\x0a\xff\xff\xff\xff\xff", "state": "pending"})
r.lpush(key("default", "pending"), "bad")
print("asynq written")
