# SPDX-License-Identifier: Apache-2.0
"""What guests do and what becomes of them, through the real bridge and the real store."""

import os
import unittest

from stele import COMPONENTS, Case

FLOWS = "test:guests/flows@1.0.0."
WORK = "test:guests/work@1.0.0."


class Guests(Case):
    def setUp(self):
        super().setUp()
        self.s = self.server().start()

    def replay_is_equal(self, execution):
        replayed = self.s.call("execution", "replay", "--json", execution)
        self.assertEqual(replayed.code, 0, replayed)
        self.assertTrue(replayed.json()["equal"], replayed)

    def test_sequential_and_fan_out(self):
        self.assertEqual(self.s.finish(FLOWS + "seq", 50), {"ok": 1225})
        execution = self.s.submit(FLOWS + "fan", 300)
        self.assertEqual(self.s.wait_finished(execution)["result"], {"ok": 44850})
        self.replay_is_equal(execution)
        self.assertEqual(len(self.s.responses(execution)), 300)

    def test_a_bit_of_everything(self):
        execution = self.s.submit(FLOWS + "mixed", 7)
        self.assertEqual(self.s.wait_finished(execution)["result"], {"ok": 8})
        self.replay_is_equal(execution)
        events = self.s.events(execution)
        kinds = [next(iter(e["event"])) if "history_event" not in e["event"]
                 else e["event"]["history_event"]["event"]["type"] for e in events]
        self.assertEqual(kinds[0], "created")
        self.assertEqual(kinds[-1], "finished")
        self.assertIn("persist", kinds)
        self.assertEqual([e["version"] for e in events], list(range(len(kinds))))
        logs = self.s.call("execution", "logs", "--json", execution).json()
        self.assertEqual([line["message"] for line in logs], ["mixed 7"])

    def test_what_is_not_awaited_is_cancelled(self):
        execution = self.s.submit(FLOWS + "abandon", 5)
        self.assertEqual(self.s.wait_finished(execution)["result"], {"ok": 5})
        responses = self.s.responses(execution)
        self.assertEqual(len(responses), 6)
        delays = [r for r in responses if r["event"]["event"]["type"] == "delay_finished"]
        self.assertEqual(delays[0]["event"]["event"]["result"], {"err": None})
        self.replay_is_equal(execution)

    def test_platform_failures_have_their_kind(self):
        for function, params, kind, reason in [
                (WORK + "trap", [], "uncategorized", "trap"),
                (WORK + "grow", [300], "uncategorized", "memory"),
                (WORK + "recurse", [100_000_000], "uncategorized", "stack"),
                (FLOWS + "trap", [], "uncategorized", "workflow trap"),
                (FLOWS + "grow", [300], "uncategorized", "memory")]:
            failure = self.s.finish(function, *params)["execution_failed"]
            self.assertEqual(failure["kind"], kind, function)
            self.assertIn(reason, failure["reason"], function)
        self.assertEqual(self.s.finish(WORK + "step", 3), {"ok": 3})

    def test_error_values_are_results(self):
        self.assertEqual(self.s.finish(WORK + "refuse", "why not"), {"err": "why not"})
        done = self.s.call("execution", "submit", "--follow", WORK + "refuse", "--", '"no"')
        self.assertEqual(done.code, 1, done)

    def test_endless_loops_stop_nobody_and_die(self):
        spinning = [self.s.submit(WORK + "spin") for _ in range(os.cpu_count() + 2)]
        looping = self.s.submit(FLOWS + "spin")
        self.assertEqual(self.s.finish(FLOWS + "seq", 20), {"ok": 190})
        cancelled = self.s.call("execution", "cancel", spinning[0])
        self.assertEqual(cancelled.code, 0, cancelled)
        first = self.s.wait_finished(spinning[0])["result"]
        self.assertEqual(first["execution_failed"]["kind"], "cancelled")
        for execution in spinning[1:]:
            failure = self.s.wait_finished(execution)["result"]["execution_failed"]
            self.assertEqual(failure["kind"], "timed_out")
        stuck = self.s.wait_until(lambda: self.s.get(looping).get("stuck"))
        self.assertIn("lock_expiry", stuck)

    def test_cancel(self):
        waiting = self.s.submit(FLOWS + "wait-cancellable")
        self.s.wait_until(lambda: "blocked" in self.s.status(waiting))
        self.assertEqual(self.s.call("execution", "cancel", waiting).code, 0)
        result = self.s.wait_finished(waiting)["result"]
        self.assertEqual(result["execution_failed"]["kind"], "cancelled")
        self.assertEqual(self.s.call("execution", "cancel", waiting).code, 4)
        napping = self.s.submit(FLOWS + "nap", 600_000, 1)
        refused = self.s.call("execution", "cancel", napping)
        self.assertEqual(refused.code, 4, refused)
        self.assertIn("cancellable", refused.err)

    def test_submitting_twice_is_once(self):
        made = self.s.call("generate", "execution-id").out.strip()
        self.assertEqual(self.s.submit(WORK + "step", 1, id=made), made)
        self.assertEqual(self.s.submit(WORK + "step", 1, id=made), made)
        other = self.s.call("execution", "submit", "-e", made, WORK + "step", "--", "2")
        self.assertEqual(other.code, 4, other)

    def test_clean_stop_and_start(self):
        execution = self.s.submit(FLOWS + "nap", 300, 3)
        self.s.wait_until(lambda: len(self.s.responses(execution)) >= 1)
        self.assertEqual(self.s.stop(), 0)
        self.s.start()
        self.assertEqual(self.s.wait_finished(execution)["result"], {"ok": 3})

    def test_log_level_is_obeyed(self):
        folder = self.folder / "quiet"
        folder.mkdir()
        for file in COMPONENTS.glob("guest_[aw]*.wasm"):
            (folder / file.name).write_bytes(file.read_bytes())
        text = (COMPONENTS / "guests.toml").read_text()
        (folder / "d.toml").write_text(text.replace(
            'location = "guest_activities.wasm"\n',
            'location = "guest_activities.wasm"\nlogs_store_min_level = "error"\n'))
        quiet = self.server("quiet-data", folder / "d.toml").start()
        for server, lines in ((self.s, 2), (quiet, 0)):
            execution = server.submit(WORK + "refuse", "no")
            self.assertEqual(server.wait_finished(execution)["result"], {"err": "no"})
            server.wait_until(lambda s=server, e=execution, n=lines: len(
                s.call("execution", "logs", "--json", e).json()) == n)

    @unittest.skipUnless(os.environ.get("STELE_E2E_TINY"), "only with tiny limits")
    def test_rare_paths_were_taken(self):
        for _ in range(3):
            self.assertEqual(self.s.finish(FLOWS + "fan", 400), {"ok": 79800})
        many = [self.s.submit(FLOWS + "nap", 30, 20) for _ in range(8)]
        for execution in many:
            self.assertEqual(self.s.wait_finished(execution)["result"], {"ok": 20})
        self.s.wait_until(lambda: all(self.s.counters()[name] > 0 for name in (
            "store_packed_entries", "store_tails_emptied", "evictions", "replays",
            "ready_overflows", "store_wal_restarts")))
        for execution in many:
            self.replay_is_equal(execution)


if __name__ == "__main__":
    unittest.main()
