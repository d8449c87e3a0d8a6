# SPDX-License-Identifier: Apache-2.0
"""Deployment keys that bound what runs, and guests that go beyond every bound."""

import datetime
import unittest

from stele import Case

WORK = "test:contract/work@1.0.0."
HUNGRY = "test:contract/hungry@1.0.0."
NAP = "test:rust/outside@1.0.0.nap"
RUST = """
[[activity_wasm]]
name = "rust"
location = "rust_wasi_activity.wasm"
max_retries = {retries}
exec.lock_expiry.milliseconds = {expiry_ms}
{more}
"""
CONTRACT = """
[[activity_wasm]]
name = "contract"
location = "contract_activities.wasm"
exec.lock_expiry.milliseconds = {expiry_ms}
{more}
"""
# Grows its table until it is refused; then it traps.
TABLE = """
[[activity_wasm]]
name = "table"
location = "table.wasm"
max_retries = 0
"""
TABLE_WAT = b"""(component
  (core module $m (table $t 1 funcref)
    (func (export "f") (result i32)
      (loop $again
        (br_if $again (i32.ne (table.grow $t (ref.null func) (i32.const 100000)) (i32.const -1))))
      unreachable))
  (core instance $i (instantiate $m))
  (func $f (result (result)) (canon lift (core func $i "f")))
  (instance $e (export "f" (func $f)))
  (export "test:limits/table@1.0.0" (instance $e)))"""
INLINE = """
[[activity_stub]]
ffqn = "test:plain/asks.ask"

[[activity_stub]]
name = "typed"
ffqn = "test:plain/asks.decide"
params = [{ name = "amount_due", type = "record{cents: u64, currency: enum{eur, us-dollar}}" }]
return_type = "result<option<string>, variant{execution-failed, refused(u8)}>"

[[activity_external]]
ffqn = "test:plain/jobs.run"
"""


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Limits(Case):
    def started(self, name, toml, *files, **more):
        return self.server(name, self.place(name + "-toml", toml, *files), **more).start()

    def rust(self, name, expiry_ms, retries=0, more=""):
        return self.started(name, RUST.format(expiry_ms=expiry_ms, retries=retries, more=more),
                            "rust_wasi_activity.wasm")

    def contract(self, name, expiry_ms=5000, more="", **settings):
        return self.started(name, CONTRACT.format(expiry_ms=expiry_ms, more=more),
                            "contract_activities.wasm", **settings)

    def failure(self, server, ffqn, *params):
        execution = server.submit(ffqn, *params)
        result = server.wait_finished(execution)["result"]
        return execution, result["execution_failed"]

    def test_lock_expiry(self):
        server = self.rust("short", 150, retries=1)
        self.assertEqual(server.finish(NAP, 1).keys(), {"ok"})
        execution, failure = self.failure(server, NAP, 60_000)
        self.assertEqual(failure["kind"], "timed_out")
        self.assertEqual(server.history(execution),
                         ["created", "temporarily_timed_out", "finished"])

    def test_keepalive(self):
        server = self.rust("alive", 150, more="exec.keepalive = true")
        execution = server.submit(NAP, 700)
        self.assertGreaterEqual(server.wait_finished(execution)["result"]["ok"], 700)
        self.assertEqual(server.history(execution), ["created", "finished"])

    def test_instance_limiter(self):
        server = self.rust("limited", 5000, more="exec.instance_limiter = 1")
        executions = [server.submit(NAP, 150) for _ in range(4)]
        finished = [server.wait_finished(each)["finished_at"] for each in executions]
        finished = sorted(instant(each) for each in finished)
        for before, after in zip(finished, finished[1:]):
            self.assertGreaterEqual((after - before).total_seconds(), 0.15)
        for each in executions:
            self.assertEqual(server.history(each), ["created", "finished"])

    def delays(self, server, ffqn, *params):
        execution = server.submit(ffqn, *params)
        server.wait_finished(execution)
        return [(instant(e["event"]["temporarily_failed"]["backoff_expires_at"]) -
                 instant(e["created_at"])).total_seconds() * 1000
                for e in server.events(execution) if "temporarily_failed" in e["event"]]

    def test_retries(self):
        retry = "max_retries = 4\nretry_exp_backoff.milliseconds = 20\n"
        server = self.contract("plain", more=retry + "retry_jitter = 0")
        self.assertEqual(self.delays(server, WORK + "refuse", "no"), [20, 40, 80, 160])
        self.assertEqual(self.delays(server, WORK + "trap-unit"), [20, 40, 80, 160])
        permanent = {"permanent_refusal": "never"}
        execution = server.submit(WORK + "choose", permanent)
        self.assertEqual(server.wait_finished(execution)["result"], {"err": permanent})
        self.assertEqual(server.history(execution), ["created", "finished"])
        server.stop()
        server = self.contract(
            "jitter", more=retry + "retry_jitter = 0.5\nretry_backoff_max.milliseconds = 50")
        seen = [self.delays(server, WORK + "refuse", "no") for _ in range(3)]
        for delays in seen:
            for delay, least in zip(delays, (20, 40, 50, 50)):
                self.assertLessEqual(least, delay + 0.001)
                self.assertLessEqual(delay, least * 1.5 + 0.001)
        self.assertGreater(len({delays[0] for delays in seen}), 1, "there is no jitter")

    def test_greedy_guests(self):
        server = self.contract("greedy", more="max_retries = 0")
        for function, word in (("grow", "memory"), ("recurse", "stack")):
            _, failure = self.failure(server, HUNGRY + function)
            self.assertEqual(failure["kind"], "uncategorized")
            self.assertIn(word, failure["reason"])
        self.assertEqual(server.finish(WORK + "add", 1, 2), {"ok": 3})

    def test_a_table_that_grows(self):
        path = self.place("table-toml", TABLE)
        (path.parent / "table.wasm").write_bytes(TABLE_WAT)
        server = self.server("table", path).start()
        _, failure = self.failure(server, "test:limits/table@1.0.0.f")
        self.assertEqual(failure["kind"], "uncategorized")
        self.assertIn("table", failure["reason"])

    def test_fuel(self):
        flows = """
[[workflow_wasm]]
name = "guests"
location = "guest_workflows.wasm"
[[activity_wasm]]
name = "work"
location = "guest_activities.wasm"
"""
        toml = CONTRACT.format(expiry_ms=60_000, more="max_retries = 0") + flows
        server = self.started("fuel", toml, "contract_activities.wasm", "guest_workflows.wasm",
                              "guest_activities.wasm", args=["--fuel", "20000000"])
        self.assertEqual(server.finish(WORK + "add", 1, 2), {"ok": 3})
        for ffqn, params in ((HUNGRY + "busy", [1000]), ("test:guests/flows@1.0.0.spin", [])):
            execution, failure = self.failure(server, ffqn, *params)
            self.assertEqual(failure["kind"], "out_of_fuel", failure)
            self.assertEqual(server.history(execution)[-1], "finished")
        self.assertEqual(server.finish("test:guests/flows@1.0.0.seq", 20), {"ok": 190})

    def test_inline_stubs_and_externals(self):
        server = self.started("inline", INLINE)
        found = {f["ffqn"]: f for f in server.call("function", "list", "--json").json()}
        self.assertEqual(found["test:plain/jobs.run"]["return_type"], "result<string, string>")
        self.assertEqual(found["test:plain/jobs.run"]["parameter_types"],
                         [{"name": "params", "wit_type": "list<string>"}])
        execution = server.submit("test:plain/jobs.run", ["a", "b"])
        self.assertIn("string", server.refused(6, "stub", execution, '{"ok":1}'))
        server.kill()
        server.start()
        server.ok("stub", execution, '{"ok":"c"}')
        self.assertEqual(server.wait_finished(execution)["result"], {"ok": "c"})
        done = server.call("execution", "submit", "test:plain/asks.ask", '[["a"]]')
        self.assertIn(done.code, (3, 4, 6), done)
        refused = server.call("execution", "submit", "test:plain/jobs.run", "[[1]]")
        self.assertEqual(refused.code, 6)


if __name__ == "__main__":
    unittest.main()
