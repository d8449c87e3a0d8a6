# SPDX-License-Identifier: Apache-2.0
"""`stele server run --profile FILE`: what each thread did, in Chrome's trace format."""

import json
import unittest

from stele import Case, command

GREET = "sample:hello/flow@1.0.0.greet-all"


class Profile(Case):
    deployment = "hello.toml"

    def profiled(self, name):
        return self.server(args=["--profile", str(self.folder / name)])

    def test_each_hand_over_wait_and_commit_of_a_workflow_is_there(self):
        server = self.profiled("steps.json").start()
        result = server.finish(GREET, ["Ada", "Grace"], 1)
        self.assertEqual(result, {"ok": ["Hello, Ada!", "Hello, Grace!"]})
        self.assertEqual(server.stop(), 0)
        trace = json.loads((self.folder / "steps.json").read_text())
        self.assertEqual(trace["otherData"]["dropped"], 0)
        events = trace["traceEvents"]
        rows = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
        spans = [e for e in events if e["ph"] == "X"]
        for name in ("submit comes in", "hold the partition", "step submit", "step advanced",
                     "step attempt_ended", "workflow turn", "workflow guest", "activity turn",
                     "activity guest", "fills", "gathers", "closed, waits for a thread", "commit",
                     "write rows", "write events", "write and sync WAL",
                     "committed, waits for the partition", "release", "answers out", "asleep"):
            self.assertIn(name, {e["name"] for e in spans})
        self.assertTrue(all(e["dur"] >= 0 and e["ts"] >= 0 for e in spans))
        where = {e["name"]: rows[e["tid"]] for e in spans}
        self.assertTrue(where["activity guest"].startswith("guests "), where)
        self.assertEqual(where["fills"], "batch that fills")
        self.assertTrue(where["submit comes in"].startswith("api "), where)
        # One workflow and two children, each activity started after the commit of its request.
        self.assertEqual(len([e for e in spans if e["name"] == "step attempt_ended"]), 2)
        committed = min(e["ts"] + e["dur"] for e in spans if e["name"] == "commit")
        self.assertGreater(min(e["ts"] for e in spans if e["name"] == "activity guest"), committed)
        arrows = [e for e in events if e["ph"] in "sf"]
        self.assertLessEqual({"to a guest", "to the partition", "request", "batch to commit",
                              "committed"}, {e["name"] for e in arrows})
        ends = {}
        for each in arrows:
            ends.setdefault(each["id"], {})[each["ph"]] = each["ts"]
        self.assertTrue(all(end["s"] <= end["f"] for end in ends.values()))

    def test_a_replay_and_what_the_store_reads_for_it_are_there(self):
        server = self.profiled("replay.json").start()
        execution = server.submit(GREET, ["Ada"], 1)
        server.wait_finished(execution)
        self.assertEqual(server.call("execution", "replay", execution).code, 0)
        self.assertEqual(server.stop(), 0)
        trace = json.loads((self.folder / "replay.json").read_text())
        names = {e["name"] for e in trace["traceEvents"]}
        self.assertLessEqual({"read history", "trial guest replays"}, names)

    def test_a_file_that_cannot_be_written_is_refused_at_once(self):
        done = command("server", "run", "-d", self.folder / "none.toml", "--profile",
                       self.folder / "missing/steps.json")
        self.assertNotEqual(done.code, 0)
        self.assertIn("the profile cannot be written", done.err)
        self.assertIn("No such file or directory", done.err)


if __name__ == "__main__":
    unittest.main()
