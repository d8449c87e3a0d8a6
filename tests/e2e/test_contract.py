# SPDX-License-Identifier: Apache-2.0
"""Workflows that use each function of the contract and say what they saw.

`contract_lines.txt` holds what each of them must see; the guests are in tests/guests/contract.
"""

import json
import pathlib
import unittest

from stele import Shared

PACKAGE = "test:contract/"
VERSION = "@1.0.0."


def name_of(flow):
    """`sets.create` is `test:contract/sets@1.0.0.create`."""
    interface, function = flow.split(".")
    return PACKAGE + interface + VERSION + function


def read_expected():
    """Pairs of (flow, params) and lines: `== flow params…`, then a line each."""
    expected = []
    for line in (pathlib.Path(__file__).parent / "contract_lines.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        if line.startswith("== "):
            flow, *params = line[3:].split(" ")
            expected.append((flow, [json.loads(p) for p in params], []))
        else:
            expected[-1][2].append(line)
    return expected


EXPECTED = read_expected()

EVERYTHING = {
    "truth": True, "letter": "é", "text": "a \"quoted\"\n\t\\ text \u0001 \U0001f600",
    "count": {"a": 255, "b": 65535, "c": 4294967295, "d": 18446744073709551615,
              "e": -128, "f": -32768, "g": -2147483648, "h": -9223372036854775808,
              "i": 0.5, "j": -1.7976931348623157e308},
    "bytes": [0, 1, 255], "rows": [[{"size": 1, "long_name": "one"}], [],
                                   [{"size": 2, "long_name": None}]],
    "pair": [7, "seven", False], "form": {"polygon": [[-1, 1], [2147483647, 0]]},
    "forms": ["dot", {"circle": 0.25}, {"sized": {"size": 3, "long_name": ""}}],
    "tint": "dark_green", "may": ["read", "write_all"], "maybe": 5,
    "listed": [None, {"size": 4, "long_name": None}],
    "unit_outcome": {"err": None}, "ok_outcome": {"ok": 9}, "err_outcome": {"err": "wrong"},
    "nested": {"err": {"permanent_refusal": "never"}},
}
# The same type again: other cases, kebab-case keys, integral floats, absent options.
EVERYTHING_ELSE = {
    "truth": False, "letter": "\U0001f600", "text": "",
    "count": {"a": 0, "b": 0, "c": 0, "d": 1.0, "e": 127, "f": 32767, "g": 2147483647,
              "h": 9223372036854775807, "i": -2, "j": 5e-324},
    "bytes": [], "rows": [], "pair": [0, "", True], "form": "dot", "forms": [], "tint": "red",
    "may": [], "unit-outcome": {"ok": None}, "ok-outcome": {"err": None},
    "err-outcome": {"ok": None}, "nested": {"ok": {"ok": 1}},
}
EVERYTHING_ELSE_SHOWN = {
    **{key.replace("-", "_"): value for key, value in EVERYTHING_ELSE.items()},
    "maybe": None, "listed": None, "count": {**EVERYTHING_ELSE["count"], "d": 1},
}


class Contract(Shared):
    def submit_all(self, server):
        return [(server.submit(name_of(flow), *params), flow, lines)
                for flow, params, lines in EXPECTED]

    def check(self, server, submitted):
        for execution, flow, lines in submitted:
            with self.subTest(flow):
                result = server.wait_finished(execution)["result"]
                self.assertEqual(result.get("ok"), lines, (flow, result))
                self.assertEqual(server.replay(execution)["type"], "finished")

    def test_each_function(self):
        self.check(self.s, self.submit_all(self.s))

    def test_each_function_across_kills(self):
        server = self.another("killed").start()
        submitted = self.submit_all(server)
        for _ in range(3):
            server.kill()
            server.start()
            submitted += self.submit_all(server)[:4]
        self.check(server, submitted)

    def test_values_of_each_kind(self):
        for value, shown in ((EVERYTHING, EVERYTHING), (EVERYTHING_ELSE, EVERYTHING_ELSE_SHOWN)):
            for flow in ("work.echo", "nested.echo"):
                execution = self.s.submit(name_of(flow), value)
                done = self.s.wait_finished(execution)
                self.assertEqual(done["result"], {"ok": shown}, flow)
                self.assertEqual(done["params"], [shown] if value is shown else done["params"])
            self.s.replay(execution)

    def test_a_child_is_not_lost_with_its_value(self):
        """The same value in the events of the parent and of the child."""
        execution = self.s.submit(name_of("nested.echo"), EVERYTHING)
        self.s.wait_finished(execution)
        requests = [e["event"]["history_event"]["event"]["request"]
                    for e in self.s.events(execution)
                    if "join_set_request" in str(e["event"])]
        self.assertEqual([r["params"] for r in requests], [[EVERYTHING]] * 3)
        answers = [r["event"]["event"]["result"] for r in self.s.responses(execution)]
        self.assertEqual(answers, [{"ok": EVERYTHING}] * 3)

    def test_random_numbers_are_repeated(self):
        execution = self.s.submit(name_of("chance.random"))
        first = self.s.lines(execution)
        self.assertEqual(first[:4], ["5 7", "both ends true true within true", "differ true",
                                     "length 12 true 0"])
        other = self.s.lines(self.s.submit(name_of("chance.random")))
        self.assertNotEqual(first[4], other[4])
        self.s.replay(execution)
        persisted = [e["event"]["history_event"]["event"] for e in self.s.events(execution)
                     if "persist" in str(e["event"])]
        self.assertEqual(len(persisted), 134)

    def test_empty_ranges_end_the_execution(self):
        for which in ("u64", "inclusive", "string"):
            failure = self.s.finish(name_of("chance.random-empty"), which)["execution_failed"]
            self.assertEqual(failure["kind"], "uncategorized")
            self.assertIn("random", failure["reason"] + str(failure["detail"]))

    def test_a_bad_name_of_a_sleep_ends_the_execution(self):
        failure = self.s.finish(name_of("chance.nap"), "not good", 1)["execution_failed"]
        self.assertEqual(failure["kind"], "uncategorized")
        self.assertIn("not good", str(failure))

    def test_logs_of_each_level(self):
        levels = ["trace", "debug", "info", "warn", "error"]
        for flow, word in (("chance.chatter", "workflow"), ("work.chatter", "activity")):
            execution = self.s.submit(name_of(flow))
            self.assertEqual(self.s.wait_finished(execution)["result"], {"ok": None})
            wanted = [(level, f"{word} {level}") for level in levels[1:]]
            self.s.wait_until(lambda e=execution, w=wanted: [
                (line["level"], line["message"]) for line in self.s.logs(e)] == w)

    def test_nested_workflows(self):
        execution = self.s.submit(name_of("nested.depth"), 6)
        self.assertEqual(self.s.wait_finished(execution)["result"], {"ok": 21})
        child = execution
        for _ in range(6):
            self.s.replay(child)
            answers = self.s.responses(child)
            self.assertEqual(len(answers), 1)
            child = answers[0]["event"]["event"]["child_execution_id"]
        self.assertEqual(child, execution + ".o:1-depth_1" * 6)
        self.assertEqual(self.s.get(child)["result"], {"ok": 0})


class Leaving(Shared):
    """Members that nobody awaited are cancelled in reverse order of their submission."""

    REVERSE = ["decide", "delay", "ask"]

    def closed(self, execution, join_set):
        """What ended in a set, in the order of the responses."""
        ended = []
        for response in self.s.responses(execution):
            event = response["event"]
            if event["join_set_id"] != join_set:
                continue
            if event["event"]["type"] == "delay_finished":
                self.assertEqual(event["event"]["result"], {"err": None})
                ended.append("delay")
            else:
                self.assertEqual(event["event"]["result"]["execution_failed"]["kind"], "cancelled")
                child = event["event"]["child_execution_id"]
                ended.append(self.s.get(child)["ffqn"].rsplit(".", 1)[1])
        return ended

    def order_of_sets(self, execution):
        order = []
        for response in self.s.responses(execution):
            if response["event"]["join_set_id"] not in order:
                order.append(response["event"]["join_set_id"])
        return order

    def test_orders(self):
        for how, order in (("drop", ["n:second", "n:first"]), ("close", ["n:first", "n:second"]),
                           ("leak", ["n:second", "n:first"]), ("trap", ["n:second", "n:first"])):
            with self.subTest(how):
                execution = self.s.submit(name_of("sets.leave"), how)
                result = self.s.wait_finished(execution)["result"]
                if how == "trap":
                    self.assertEqual(result["execution_failed"]["kind"], "uncategorized")
                    self.assertIn("workflow trap", result["execution_failed"]["reason"])
                self.assertEqual(self.closed(execution, "n:first"), self.REVERSE)
                self.assertEqual(self.closed(execution, "n:second"), self.REVERSE)
                self.assertEqual(self.order_of_sets(execution), order)
                closing = [e for e in self.s.events(execution) if '"closing": true' in
                           json.dumps(e["event"])]
                self.assertEqual(len(closing), 6)
                self.s.replay(execution)

    def test_children_that_fail_do_not_fail_the_parent(self):
        execution = self.s.submit(name_of("sets.leave-failing"))
        self.assertEqual(self.s.lines(execution), ['first ok err "one"', "nested ok ok 1"])
        results = [r["event"]["event"]["result"] for r in self.s.responses(execution)
                   if r["event"]["join_set_id"] == "g:1"]
        self.assertEqual(len(results), 5)
        self.assertEqual(sum("err" in r and r["err"] is not None for r in results), 2)
        self.s.replay(execution)

    def test_workflows_that_are_left(self):
        execution = self.s.submit(name_of("nested.leave-children"))
        self.assertEqual(self.s.lines(execution), [
            "cancelled ok cancelled", "cancelled ok err execution-failed", "awaited ok ok 6"])
        self.s.replay(execution)


if __name__ == "__main__":
    unittest.main()
