# SPDX-License-Identifier: Apache-2.0
"""A workflow is redeployed while it waits; replay, advance and backtraces by the command line."""

import pathlib
import re
import unittest

from stele import COMPONENTS, Case

RUN = "test:upgrade/flow@1.0.0.run"
SOURCES = pathlib.Path(__file__).parents[1] / "guests/upgrade"
TOML = """
[[activity_wasm]]
name = "contract_activities"
location = "contract_activities.wasm"

[[workflow_wasm]]
name = "upgrade"
location = "upgrade_{version}.wasm"
exec.locking_strategy = "{strategy}"
[workflow_wasm.backtrace.sources]
".../upgrade/first.cc" = "first.cc"
".../upgrade/flow.h" = "flow.h"
"""


class Upgradable(Case):
    def versions(self, strategy):
        self.paths = {
            version: self.place(f"{version}-{strategy}",
                                TOML.format(version=version, strategy=strategy),
                                "contract_activities.wasm", f"upgrade_{version}.wasm",
                                "first.cc", "flow.h")
            for version in ("first", "compatible", "other")}

    def started(self, strategy):
        """A server of the first version with an execution that waits at the gate."""
        self.versions(strategy)
        server = self.server(strategy, self.paths["first"]).start()
        execution = server.submit(RUN, 5)
        self.at_gate(server, execution)
        return server, execution

    def at_gate(self, server, execution):
        server.wait_until(lambda: server.get(execution)["pending_state"].get("join_set_id") ==
                          "o:2-gate")

    def redeploy(self, server, version, kill=False):
        server.kill() if kill else server.stop()
        server.deployment = self.paths[version]
        server.start()

    def open_gate(self, server, execution):
        server.ok("cancel", f"Delay_{execution[2:]}.o:2-gate_1")
        return server.wait_finished(execution)["result"]

    def upgrades(self, server, execution):
        return [e["event"]["component_upgrade_finished"]["outcome"]
                for e in server.events(execution) if "component_upgrade_finished" in e["event"]]


class Redeployed(Upgradable):
    def test_auto(self):
        server, execution = self.started("auto")
        self.redeploy(server, "compatible", kill=True)
        self.assertEqual(self.open_gate(server, execution), {"ok": 1106})
        outcome = self.upgrades(server, execution)
        self.assertEqual(outcome, [{"type": "success", "reason": {"type": "auto"}}])
        server.replay(execution)

    def test_auto_that_does_not_fit(self):
        server, execution = self.started("auto")
        self.redeploy(server, "other")
        self.assertEqual(self.open_gate(server, execution), {"ok": 16})
        outcomes = self.upgrades(server, execution)
        self.assertEqual([o["type"] for o in outcomes], ["failed"])
        self.assert_both_calls(outcomes[0]["reason"])
        self.assertIn(execution, server.log_text())
        fresh = server.submit(RUN, 5)
        self.at_gate(server, fresh)
        self.assertEqual(self.open_gate(server, fresh), {"ok": 27})
        self.assertEqual(self.upgrades(server, fresh), [])

    def assert_both_calls(self, text):
        """Which, where, the stored call and the new one; the parameters by their hashes."""
        stored, now = text.split("now:")
        self.assertIn("stored at version 1", stored)
        for call in (stored, now):
            self.assertIn("test:contract/work@1.0.0.add", call)
        hashes = re.findall(r"! *params hash: *([0-9a-f]{32})", text)
        self.assertEqual(len(set(hashes)), 2, text)

    def test_old_code_survives_restarts(self):
        server, execution = self.started("auto")
        self.redeploy(server, "other", kill=True)
        server.kill()
        server.start()
        self.assertEqual(self.open_gate(server, execution), {"ok": 16})

    def test_by_function(self):
        server, execution = self.started("by_ffqns")
        self.redeploy(server, "other")
        failure = self.open_gate(server, execution)["execution_failed"]
        self.assertEqual(failure["kind"], "nondeterminism_detected")
        self.assert_both_calls(str(failure["reason"]) + str(failure["detail"]))
        server, execution = self.started_again()
        self.redeploy(server, "compatible")
        self.assertEqual(self.open_gate(server, execution), {"ok": 1106})

    def started_again(self):
        server = self.server("again", self.paths["first"]).start()
        execution = server.submit(RUN, 5)
        self.at_gate(server, execution)
        return server, execution

    def test_by_digest_and_by_hand(self):
        server, kept = self.started("by_component_digest")
        moved, forced = server.submit(RUN, 5), server.submit(RUN, 5)
        for execution in (moved, forced):
            self.at_gate(server, execution)
        self.redeploy(server, "compatible")
        self.assertEqual(self.open_gate(server, kept), {"ok": 16})
        self.assertEqual(self.upgrades(server, kept), [])
        self.assertTrue(server.ok("upgrade", moved)["changed"])
        self.assertFalse(server.ok("upgrade", moved)["changed"])
        self.assertEqual(self.open_gate(server, moved), {"ok": 1106})
        self.assertEqual(self.upgrades(server, moved), [
            {"type": "success", "reason": {"type": "manual", "force": False}}])
        self.redeploy(server, "other")
        self.assert_both_calls(server.refused(4, "upgrade", forced))
        self.assertEqual(server.status(forced), "blocked_by_join_set")
        self.assertTrue(server.ok("upgrade", forced, "--skip-determinism-check")["changed"])
        self.assertEqual(self.upgrades(server, forced), [
            {"type": "success", "reason": {"type": "manual", "force": True}}])
        failure = self.open_gate(server, forced)["execution_failed"]
        self.assertEqual(failure["kind"], "nondeterminism_detected")
        server.refused(3, "upgrade", "E_01ARZ3NDEKTSV4RRFFQ69G5FAV")


class Stepped(Upgradable):
    def paused(self):
        self.versions("auto")
        server = self.server("stepped", self.paths["first"]).start()
        return server, server.ok("submit", "--paused", RUN, "[5]")["execution_id"]

    def test_advance_step_by_step(self):
        server, execution = self.paused()
        replay = server.replay(execution)
        self.assertEqual(replay["type"], "advanceable")
        self.assertEqual(replay["captured_count"], 3)
        self.assertEqual(server.history(execution), ["created", "paused"])
        step = server.ok("advance", execution, "--trim", 1, "-p")
        self.assertEqual((step["type"], step["written"]), ("in_progress", 3))
        child = f"{execution}.o:1-add_1"
        self.assertEqual(server.status(child), "paused")
        self.assertEqual(server.replay(execution)["type"], "blocked")
        self.assertEqual(server.ok("advance", execution)["written"], 0)
        server.ok("unpause", child)
        self.assertEqual(server.wait_finished(child)["result"], {"ok": 6})
        server.kill()
        server.start()
        self.assertEqual(server.status(execution), "paused")
        step = server.ok("advance", execution)
        self.assertEqual((step["type"], step["written"]), ("in_progress", 3))
        server.ok("cancel", f"Delay_{execution[2:]}.o:2-gate_1")
        self.assertEqual(server.ok("advance", execution)["written"], 3)
        server.wait_finished(f"{execution}.o:3-add_1")
        step = server.ok("advance", execution)
        self.assertEqual((step["type"], step["value"]), ("finished", {"ok": 16}))
        self.assertEqual(server.wait_finished(execution)["result"], {"ok": 16})
        self.assertEqual(server.replay(execution)["type"], "finished")

    def test_delays_begin_paused(self):
        """A sleep of no time goes on only when its delay is unpaused."""
        server = self.server("asleep", COMPONENTS / "contract.toml").start()
        nap = "test:contract/chance@1.0.0.nap"
        execution = server.ok("submit", "--paused", nap, '["short", 1]')["execution_id"]
        server.ok("advance", execution, "--pause-delays")
        server.ok("unpause", execution)
        self.assertEqual(server.finish(nap, "clock", 50), {"ok": ["slept delay o:1-clock_1"]})
        self.assertEqual(server.status(execution), "blocked_by_join_set")
        server.ok("unpause", f"Delay_{execution[2:]}.o:1-short_1")
        self.assertEqual(server.lines(execution), ["slept delay o:1-short_1"])

    def test_an_unpaused_one_goes_on(self):
        server, execution = self.paused()
        server.ok("advance", execution, "--trim", 1)
        server.ok("unpause", execution)
        self.at_gate(server, execution)
        self.assertEqual(self.open_gate(server, execution), {"ok": 16})
        server.replay(execution)

    def symbols(self, backtrace):
        return [symbol for frame in backtrace["wasm_backtrace"]["frames"]
                for symbol in frame["symbols"]]

    def line_of(self, file, text):
        lines = (SOURCES / file).read_text().splitlines()
        return 1 + next(i for i, line in enumerate(lines) if text in line)

    def test_backtraces(self):
        server, execution = self.started("auto")
        server.refused(3, "backtrace", execution)
        self.assertEqual(server.ok("persist-backtraces", execution)["persisted_backtrace_count"], 2)
        first = server.ok("backtrace", execution, "--version", "first")
        self.assertEqual(first["version_min_including"], 1)
        place = [s for s in self.symbols(first) if (s["file"] or "").endswith("first.cc")]
        self.assertEqual(place[0]["line"], self.line_of("first.cc", "before("))
        self.assertIn("before", place[0]["func_name"])
        sleep = server.ok("backtrace", execution)
        place = [s for s in self.symbols(sleep) if (s["file"] or "").endswith("upgrade/flow.h")]
        self.assertEqual(place[0]["line"], self.line_of("flow.h", '"gate"'))
        self.assertEqual(server.ok("backtrace", execution, "--version", 4), sleep)
        text = server.call("execution", "backtrace", execution).out
        self.assertIn("flow.h:", text)
        source = server.ok("source", execution, "--file", place[0]["file"])
        self.assertEqual(source.strip(), (SOURCES / "flow.h").read_text().strip())
        server.refused(3, "source", execution, "--file", "nothing.cc")
        server.kill()
        server.start()
        self.assertEqual(server.ok("backtrace", execution, "--version", "first"), first)

    def test_advance_keeps_backtraces(self):
        server, execution = self.paused()
        server.ok("advance", execution)
        self.assertEqual(
            server.ok("backtrace", execution)["version_min_including"], 2)


if __name__ == "__main__":
    unittest.main()
