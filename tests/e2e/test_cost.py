# SPDX-License-Identifier: Apache-2.0
"""What work costs on the real server; run alone, because it counts commits and memory."""

import os
import pathlib
import re
import unittest

from stele import LIMIT_S, Case

FLOWS = "test:guests/flows@1.0.0."
MANY, FEW = 200_000, 2_000
GROWN_MIB_MAX = 64 * int(os.environ.get("STELE_MEMORY_FACTOR", "1"))


class Cost(Case):
    def peak_kib(self, server):
        status = pathlib.Path(f"/proc/{server.child.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1))

    def test_a_step_is_one_commit_and_a_replay_none(self):
        server = self.server().start()
        before = server.counters()["commits"]
        execution = server.submit(FLOWS + "seq", 1000)
        self.assertEqual(server.wait_finished(execution)["result"], {"ok": 499500})
        commits = server.counters()["commits"] - before
        self.assertLessEqual(commits, 1100)
        self.assertGreaterEqual(commits, 500, "steps of one workflow cannot share commits")
        after = server.counters()
        self.assertEqual(server.call("execution", "replay", execution).code, 0)
        self.assertEqual(server.counters()["store_commits"], after["store_commits"])

    def test_a_broad_fan_out_is_bounded(self):
        small = self.server("small").start()
        self.assertEqual(small.finish(FLOWS + "fan", FEW), {"ok": FEW * (FEW - 1) // 2})
        few_kib = self.peak_kib(small)
        small.stop()
        large = self.server("large").start()
        broad = large.submit(FLOWS + "fan", MANY)
        large.wait_until(lambda: len(large.call("execution", "events", "--limit", 100, "--json",
                                                broad).json()["events"]) == 100)
        other = large.submit(FLOWS + "seq", 20)
        self.assertEqual(large.wait_finished(other)["result"], {"ok": 190})
        self.assertNotEqual(large.status(broad), "finished", "the other did not go on meanwhile")
        finished = large.wait_finished(broad, 7 * LIMIT_S)
        self.assertEqual(finished["result"], {"ok": MANY * (MANY - 1) // 2})
        grown_mib = (self.peak_kib(large) - few_kib) / 1024
        self.assertLessEqual(grown_mib, GROWN_MIB_MAX)


if __name__ == "__main__":
    unittest.main()
