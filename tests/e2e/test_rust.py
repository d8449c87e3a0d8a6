# SPDX-License-Identifier: Apache-2.0
"""Guests in Rust: in which order handles are dropped, values of each kind, WASI in a workflow."""

import hashlib
import pathlib
import unittest

from stele import Shared
from test_contract import EVERYTHING, EVERYTHING_ELSE, EVERYTHING_ELSE_SHOWN

SOURCE = pathlib.Path(__file__).parents[1] / "guests/rust"
PACKAGE = "test:rust/"


class Prebuilt(unittest.TestCase):
    def test_components_belong_to_their_sources(self):
        """Say tests/guests/rust/build.sh if this fails."""
        listed = {}
        for line in (SOURCE / "digests.sha256").read_text().splitlines():
            digest, name = line.split()
            listed[name] = digest
        found = {str(path.relative_to(SOURCE)) for pattern in
                 ("*.wasm", "Cargo.*", "*/Cargo.toml", "*/src/lib.rs", "wit/*.wit")
                 for path in SOURCE.glob(pattern)}
        self.assertEqual(set(listed), found)
        for name, digest in listed.items():
            content = (SOURCE / name).read_bytes()
            self.assertEqual(hashlib.sha256(content).hexdigest(), digest, name)
            self.assertLess(len(content), 2 << 20, name)


class Rust(Shared):
    def run_flow(self, function, *params):
        execution = self.s.submit(PACKAGE + function, *params)
        self.s.wait_finished(execution)
        self.s.replay(execution)
        return execution

    def order_of_closing(self, execution):
        """The sets of the closing events, in their order."""
        order = []
        for event in self.s.events(execution):
            body = event["event"].get("history_event", {}).get("event", {})
            if body.get("closing"):
                order.append(body["join_set_id"])
        return order

    def test_locals_are_dropped_in_reverse(self):
        execution = self.run_flow("drops@1.0.0.scope-order")
        self.assertEqual(self.order_of_closing(execution), ["n:inner", "n:outer"])
        self.assertEqual(self.s.lines(execution), [
            ".n:outer_1 Some(ExecutionFailureKind::Cancelled)",
            ".n:inner_1 Some(ExecutionFailureKind::Cancelled)"])
        self.assertEqual([r["event"]["join_set_id"] for r in self.s.responses(execution)],
                         ["n:inner", "n:outer"])

    def test_one_is_dropped_by_hand(self):
        execution = self.run_flow("drops@1.0.0.by-hand")
        self.assertEqual(self.order_of_closing(execution), ["n:outer", "n:inner"])
        self.assertEqual(self.s.lines(execution), [
            ".n:outer_1 Some(ExecutionFailureKind::Cancelled)", ".n:inner_1 open"])

    def test_handles_in_a_list(self):
        execution = self.run_flow("drops@1.0.0.in-a-list", 5)
        self.assertEqual(self.order_of_closing(execution),
                         [f"n:element-{i}" for i in range(5)])
        self.assertEqual(self.s.lines(execution)[4], ".n:element-4_1 open")

    def test_leaked_handles_are_closed_at_the_end(self):
        execution = self.run_flow("drops@1.0.0.leak")
        self.assertEqual(self.order_of_closing(execution),
                         ["n:dropped", "n:other", "n:kept", "n:kept"])
        answers = [r["event"] for r in self.s.responses(execution)]
        self.assertEqual([a["event"]["type"] for a in answers[2:]],
                         ["delay_finished", "child_execution_finished"])

    def test_a_handle_that_moves(self):
        execution = self.run_flow("drops@1.0.0.moved")
        self.assertEqual(self.s.lines(execution), [
            ".n:moved_1 open", 'Err("refused")',
            ".n:moved_1 Some(ExecutionFailureKind::Cancelled)"])

    def test_a_panic_closes_what_is_open(self):
        execution = self.run_flow("drops@1.0.0.panics")
        failure = self.s.get(execution)["result"]["execution_failed"]
        self.assertEqual(failure["kind"], "uncategorized")
        self.assertIn("unreachable", failure["reason"])
        self.assertEqual(self.order_of_closing(execution), ["n:second", "n:first"])

    def test_values_of_each_kind(self):
        for value, shown in ((EVERYTHING, EVERYTHING), (EVERYTHING_ELSE, EVERYTHING_ELSE_SHOWN)):
            execution = self.run_flow("values@1.0.0.echo", value)
            self.assertEqual(self.s.get(execution)["result"], {"ok": shown})

    def test_backtraces_of_a_guest_and_stubs(self):
        execution = self.run_flow("values@1.0.0.traced")
        self.assertEqual(self.s.lines(execution), [
            "g:1 n:traced Err(JoinSetCreateError::Conflict)", "true true", 'Ok(Ok(Some("3")))',
            "Err(JoinNextTryError::AllProcessed)", "Ok(Ok(None))",
            "Err(JoinNextError::AllProcessed)", 'Ok(Ok(Some("7")))', "Ok(())", "true",
            "(4, 6, 3)", "true"])
        stubs = self.s.lines(self.run_flow("values@1.0.0.stubs"))
        self.assertEqual(stubs[2], 'Ok(Ok(Small { size: 8, long-name: '
                         'Some("a longer text of a record") }))')
        self.assertEqual(stubs[6],
                         'Ok(Err(Failure::PermanentRefusal("a longer text of an error")))')
        self.assertEqual([stubs[i] for i in (0, 1, 4, 5, 8, 9)], ["Ok(())"] * 6)


class Wasi(Shared):
    def test_a_workflow_sees_stubs(self):
        executions = [self.s.submit(PACKAGE + "stubbed@1.0.0.look") for _ in range(2)]
        seen = [self.s.lines(execution) for execution in executions]
        self.assertEqual(seen[0][:6], ["args 0", "variables 0", seen[0][2], "wall 0", "passed 0",
                                       "slept true"])
        self.assertEqual(seen[0][7], 'activity greeting Some("hello")')
        self.assertEqual(seen[0], seen[1], "a hash map's order differs: random bytes differ")
        self.s.replay(executions[0])
        lines = [(line["type"], line.get("message")) for line in self.s.logs(executions[0])]
        self.assertEqual(lines, [("log", "looked")])

    def test_what_a_workflow_cannot_do(self):
        for function, word in (("exit", "wasi:cli/exit is stubbed"), ("connect", "wasi:sockets")):
            failure = self.s.finish(PACKAGE + "stubbed@1.0.0." + function)["execution_failed"]
            self.assertEqual(failure["kind"], "uncategorized")
            self.assertIn(word, failure["reason"])

    def test_an_activity_sees_wasi(self):
        self.assertEqual(self.s.finish(PACKAGE + "outside@1.0.0.look"), {"ok": [
            "args 0", 'greeting Some("hello")', "home None", "years true", "random true",
            "files 0"]})
        slept = self.s.finish(PACKAGE + "outside@1.0.0.nap", 20)
        self.assertGreaterEqual(slept["ok"], 20)
        execution = self.s.submit(PACKAGE + "outside@1.0.0.print", "a line")
        self.assertEqual(self.s.wait_finished(execution)["result"], {"ok": None})
        self.s.wait_until(lambda: self.streams(execution) ==
                          {"stdout": "a line\n", "stderr": "a line too\n"})

    def streams(self, execution):
        text = {}
        for line in self.s.logs(execution):
            text[line["stream_type"]] = text.get(line["stream_type"], "") + line["payload"]
        return text


if __name__ == "__main__":
    unittest.main()
