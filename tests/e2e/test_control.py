# SPDX-License-Identifier: Apache-2.0
"""What people ask of executions by the command line: values, cancellation, pause, schedules."""

import json
import unittest

from stele import LIMIT_S, Shared
from test_contract import name_of

NOBODY = "E_01ARZ3NDEKTSV4RRFFQ69G5FAV"


class Control(Shared):
    def blocked(self, server, execution):
        server.wait_until(lambda: server.status(execution) == "blocked_by_join_set")

    def delay_of(self, execution, name):
        return f"Delay_{execution[2:]}.{name}"

    def kind(self, server, execution):
        return server.wait_finished(execution)["result"]["execution_failed"]["kind"]

    def events_of(self, server, execution):
        return [json.dumps(e["event"]) for e in server.events(execution)]


class Values(Control):
    """Stubs and external activities of each form get their values from outside."""

    def test_values(self):
        server = self.another("values").start()
        execution = server.submit(name_of("stubs.from-outside"))
        self.blocked(server, execution)
        found = server.ok("list", "--open-stubs", "--show-derived")
        waiting = sorted(each["ffqn"] for each in found)
        self.assertEqual(waiting, [
            "test:contract/approvals@1.0.0.ask", "test:contract/approvals@1.0.0.decide",
            "test:contract/jobs@1.0.0.run", "test:contract/jobs@1.0.0.run",
            "test:inline/asks.ask", "test:inline/works.work"])
        ask, decide, run, asks, works = [f"{execution}.n:outside_{i}" for i in range(1, 6)]
        self.refuse_values(server, ask, decide, run)
        self.assertFalse(server.ok("stub", works, '{"ok":[1,2,255]}')["repeated"])
        self.assertFalse(server.ok("stub", ask, '{"ok":"me"}')["repeated"])
        server.kill()
        server.start()
        self.assertTrue(server.ok("stub", ask, '{"ok": "me"}')["repeated"])
        server.refused(4, "stub", ask, '{"ok":"you"}')
        self.assertFalse(server.ok("stub", run, '{"err":"no time"}')["repeated"])
        self.assertFalse(server.ok("stub", asks, '{"ok":"both"}')["repeated"])
        self.assertFalse(server.ok("stub", decide, '{"err":{"busy":7}}')["repeated"])
        lines = server.lines(execution)
        self.assertEqual(lines[:6], [
            "last n:outside_5 ok ok [1,2,255]", 'last n:outside_1 ok ok "me"',
            'last n:outside_3 ok err "no time"', 'last n:outside_4 ok ok "both"',
            'last n:outside_2 ok err {"busy":7}', "err all-processed"])
        alone = lines[6].split(" ")[1]
        self.assertEqual([e["execution_id"] for e in server.ok("list", "--open-stubs")], [alone])
        server.ok("stub", alone, '{"ok":5}')
        self.assertEqual(server.wait_finished(alone)["result"], {"ok": 5})
        self.assertEqual(server.get(asks)["params"], [["which", "one"]])
        self.assertEqual(server.history(ask), ["created", "finished"])
        server.replay(execution)
        self.assertEqual(server.ok("list", "--open-stubs", "--show-derived"), [])

    def refuse_values(self, server, ask, decide, run):
        self.assertIn("string", server.refused(6, "stub", ask, '{"ok":5}'))
        server.refused(6, "stub", ask, '"me"')
        server.refused(6, "stub", ask, "{")
        server.refused(6, "stub", decide, '{"err":"text"}')
        server.refused(6, "stub", run, '{"ok":-1}')
        server.refused(3, "stub", ask.replace("_1", "_77"), '{"ok":"x"}')
        server.refused(3, "stub", NOBODY, '{"ok":"x"}')

    def test_only_stubs_take_values(self):
        execution = self.s.submit(name_of("chance.nap"), "gate", 3_600_000)
        self.blocked(self.s, execution)
        self.assertNotEqual(self.s.refused(3, "stub", execution, '{"ok":[]}'), "")
        self.s.ok("cancel", self.delay_of(execution, "o:1-gate_1"))

    def test_a_stub_that_is_cancelled(self):
        execution = self.s.submit(name_of("stubs.from-outside"))
        self.blocked(self.s, execution)
        for index in range(1, 6):
            self.s.ok("cancel", f"{execution}.n:outside_{index}")
        self.assertEqual(self.s.lines(execution)[:5], [
            "last n:outside_1 ok err none", 'last n:outside_2 ok err "execution_failed"',
            'last n:outside_3 ok err "execution_failed"',
            'last n:outside_4 ok err "execution_failed"',
            'last n:outside_5 ok err "execution_failed"'])
        self.s.refused(4, "stub", f"{execution}.n:outside_1", '{"ok":"late"}')

    def test_what_can_be_submitted(self):
        for function, params in (("test:contract/approvals@1.0.0.ask", ['"x"']),
                                 ("test:inline/asks.ask", ['["x"]']),
                                 ("test:contract-obelisk-ext/work@1.0.0.add-submit", ["1", "2"]),
                                 ("test:contract-obelisk-ext/work@1.0.0.add-get", ["{}"]),
                                 ("test:contract-obelisk-stub/approvals@1.0.0.ask-stub", [])):
            done = self.s.call("execution", "submit", function, "--", *params)
            self.assertIn(done.code, (3, 4, 6), (function, done))
        for function, params in (("test:contract/jobs@1.0.0.run", ["job", 1]),
                                 ("test:inline/works.work", ["w", 2.5])):
            execution = self.s.submit(function, *params)
            self.assertEqual(self.s.get(execution)["pending_state"]["waits_for"], "value")
            self.s.ok("cancel", execution)
            self.assertEqual(self.kind(self.s, execution), "cancelled")


class Delays(Control):
    def test_a_sleep_is_cancelled(self):
        server = self.another("sleeping").start()
        execution = server.submit(name_of("chance.nap"), "gate", 3_600_000)
        self.blocked(server, execution)
        server.kill()
        server.start()
        delay = self.delay_of(execution, "o:1-gate_1")
        server.ok("cancel", delay)
        self.assertEqual(server.lines(execution), ["cancelled delay o:1-gate_1"])
        server.refused(4, "cancel", delay)
        server.refused(3, "cancel", f"Delay_{NOBODY[2:]}.n:x_1")
        server.replay(execution)

    def test_a_delay_of_a_set_is_cancelled(self):
        execution = self.s.submit(name_of("sets.wait-for-delay"))
        self.blocked(self.s, execution)
        self.s.ok("cancel", self.delay_of(execution, "n:delays_1"))
        self.assertEqual(self.s.lines(execution), [
            "delay n:delays_1", "ok err none last delay n:delays_1"])
        self.s.replay(execution)

    def test_a_paused_delay_does_not_fire(self):
        paused = self.s.submit(name_of("chance.nap"), "paused", 7 * LIMIT_S)
        delay = self.delay_of(paused, "o:1-paused_1")
        self.blocked(self.s, paused)
        self.s.ok("pause", delay)
        self.s.ok("pause", delay)
        clock = self.s.submit(name_of("chance.nap"), "clock", 9 * LIMIT_S)
        self.s.wait_finished(clock)
        self.assertEqual(self.s.status(paused), "blocked_by_join_set")
        self.s.ok("unpause", delay)
        self.assertEqual(self.s.lines(paused), ["slept delay o:1-paused_1"])
        self.s.replay(paused)


class Pause(Control):
    def test_submitted_paused(self):
        server = self.another("paused").start()
        paused = server.ok("submit", "--paused", name_of("work.add"), "[1,2]")["execution_id"]
        flow = server.ok("submit", "--paused", name_of("sets.create"), "[]")["execution_id"]
        self.assertEqual(server.finish(name_of("work.add"), 3, 4), {"ok": 7})
        server.kill()
        server.start()
        self.assertEqual([server.status(each) for each in (paused, flow)], ["paused", "paused"])
        self.assertEqual(server.history(paused), ["created", "paused"])
        server.ok("unpause", paused)
        server.ok("unpause", flow)
        self.assertEqual(server.wait_finished(paused)["result"], {"ok": 3})
        self.assertIn("ok", server.wait_finished(flow)["result"])
        self.assertEqual(server.history(paused), ["created", "paused", "unpaused", "finished"])
        self.s_refuses(server, paused)

    def s_refuses(self, server, finished):
        for command in ("pause", "unpause", "cancel"):
            server.refused(4, command, finished)
            server.refused(3, command, NOBODY)

    def test_responses_reach_a_paused_workflow(self):
        execution = self.s.submit(name_of("stubs.from-outside"))
        self.blocked(self.s, execution)
        self.s.ok("pause", execution)
        state = self.s.get(execution)["pending_state"]
        self.assertEqual(state["status"], "paused")
        self.assertIn("blocked_by_join_set", state)
        for index, value in enumerate(['{"ok":"a"}', '{"ok":{"size":1}}', '{"ok":2}',
                                       '{"ok":"b"}', '{"ok":[]}'], 1):
            self.s.ok("stub", f"{execution}.n:outside_{index}", value)
        state = self.s.get(execution)["pending_state"]
        self.assertEqual(state["status"], "paused")
        self.assertIn("pending_at", state)
        self.assertEqual(len(self.s.responses(execution)), 5)
        self.s.ok("unpause", execution)
        self.assertEqual(self.s.lines(execution)[1],
                         'last n:outside_2 ok ok {"size":1,"long_name":null}')
        self.assertEqual([e for e in self.s.history(execution) if "paused" in e],
                         ["paused", "unpaused"])
        self.s.replay(execution)

    def test_a_computing_workflow_is_paused_and_cancelled(self):
        execution = self.s.submit(name_of("chance.spin-cancellable"))
        self.s.ok("pause", execution)
        self.assertEqual(self.s.status(execution), "paused")
        self.s.ok("unpause", execution)
        self.assertEqual(self.s.finish(name_of("work.add"), 3, 4), {"ok": 7})
        self.s.ok("cancel", execution, "--reason", "it never ends")
        self.assertEqual(self.kind(self.s, execution), "cancelled")
        request = [e for e in self.events_of(self.s, execution) if "cancellation_requested" in e]
        self.assertIn("it never ends", request[0])

    def test_a_running_activity_is_cancelled_not_paused(self):
        execution = self.s.submit("test:rust/outside@1.0.0.nap", 20_000)

        def refused():
            done = self.s.call("execution", "pause", execution)
            if done.code == 0:
                self.s.ok("unpause", execution)
            return done if done.code != 0 else None

        done = self.s.wait_until(refused)
        self.assertEqual(done.code, 4)
        self.assertIn("cancel it instead", done.err)
        self.s.ok("cancel", execution)
        self.assertEqual(self.kind(self.s, execution), "cancelled")


class Cancel(Control):
    def test_a_tree(self):
        server = self.another("tree").start()
        execution = server.submit(name_of("nested.tree-cancellable"))
        server.wait_until(lambda: len(server.responses(execution)) == 1)
        self.blocked(server, f"{execution}.n:children_1")
        server.kill()
        server.start()
        server.ok("cancel", execution)
        self.assertEqual(self.kind(server, execution), "cancelled")
        answers = [r["event"]["event"] for r in server.responses(execution)]
        ended = [a.get("delay_id", a.get("child_execution_id")).rsplit(".", 1)[1]
                 + ("d" if "delay_id" in a else "") for a in answers]
        self.assertEqual(sorted(ended), ["n:children_1", "n:children_1d", "n:children_2",
                                         "n:children_3"])
        self.assertLess(ended.index("n:children_1d"), ended.index("n:children_3"))
        for index in (1, 3):
            self.assertEqual(self.kind(server, f"{execution}.n:children_{index}"), "cancelled")
        self.assertEqual(server.wait_finished(f"{execution}.n:children_2")["result"], {"ok": 6})
        self.assertEqual(server.history(execution)[-1], "finished")

    def test_only_some_workflows(self):
        execution = self.s.submit(name_of("sets.wait-for-delay"))
        self.assertIn("cancellable", self.s.refused(4, "cancel", execution))
        self.s.wait_until(lambda: self.s.status(execution) == "blocked_by_join_set")
        self.s.ok("cancel", self.delay_of(execution, "n:delays_1"))
        self.s.wait_finished(execution)


class Schedules(Control):
    def test_by_workflow(self):
        server = self.another("scheduled").start()
        execution = server.submit(name_of("chance.later"), 1500)
        later = server.wait_finished(execution)["result"]["ok"]
        row = server.get(later)
        self.assertEqual(row["pending_state"]["status"], "pending_at")
        created = server.events(later)[0]["event"]["created"]
        self.assertIsNone(created["parent"])
        self.assertEqual(created["scheduled_by"], execution)
        server.kill()
        server.start()
        self.assertEqual(server.wait_finished(later)["result"], {"ok": 3})
        self.assertGreaterEqual(server.get(later)["finished_at"], created["scheduled_at"])
        scheduled = [e for e in server.ok("list", "--limit", 10)
                     if e["ffqn"].endswith("nested@1.0.0.depth")]
        self.assertEqual(server.wait_finished(scheduled[0]["execution_id"])["result"], {"ok": 1})
        server.replay(execution)

    def test_by_name(self):
        execution = self.s.submit(name_of("json.schedule"))
        lines = self.s.lines(execution)
        self.assertEqual(lines[0], "28 true true true")
        self.assertEqual([line.split(":")[0] for line in lines[1:12]],
                         ["err ffqn-parsing-error"] * 3 + ["err function-not-found"] * 2 +
                         ["err type-check-error"] * 6)
        self.assertEqual(lines[12], "ok")
        self.assertEqual(lines[-3:-1], ["malformed err ffqn-parsing-error",
                                        "derived err ffqn-parsing-error"])
        made = lines[-1].split(" ")[1]
        self.assertEqual(self.s.wait_finished(made)["result"], {"ok": 3})
        results = [e["event"]["history_event"]["event"]["result"]
                   for e in self.s.events(execution) if '"schedule"' in json.dumps(e["event"])]
        self.assertGreaterEqual(sum("err" in str(r).lower() for r in results), 6)
        self.s.replay(execution)

    def test_by_command(self):
        function = "test:contract-obelisk-schedule/work@1.0.0.add-schedule"
        for at in ("now", {"in": {"milliseconds": 20}}, {"at": {"seconds": 5, "nanoseconds": 0}}):
            execution = self.s.submit(function, at, 2, 3)
            done = self.s.wait_finished(execution)
            self.assertEqual((done["ffqn"], done["result"]), (name_of("work.add"), {"ok": 5}))
        for params in ([], ["now", 1], ["soon", 1, 2], [{"in": {"weeks": 1}}, 1, 2]):
            done = self.s.call("execution", "submit", function, json.dumps(params))
            self.assertEqual(done.code, 6, done)


if __name__ == "__main__":
    unittest.main()
