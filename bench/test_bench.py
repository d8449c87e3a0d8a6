# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of the table, the comparison, the pictures; and that rows work, in small."""

import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom

import report
from measured import Also, Measured, Options, number, spread
from rows import ROWS, step_costs
from scale import ROWS as SCALE_ROWS
from server import DATA

HERE = pathlib.Path(__file__).resolve().parent
VALUES = {"commit1": 5000.0, "commit1_p50_ms": 0.2, "commit1_p999_ms": 2.0}
KEYS = {"row", "figure", "unit", "limit", "ratio", "target", "holds", "p50_ms", "p99_ms", "p999_ms",
        "cpu_s", "bytes_written", "rss_peak_bytes", "repetitions", "spread"}
NAMES = ["seq", "par64", "fan10000", "api64", "api1", "replay_memory", "replay_sqlite",
         "long_history", "start_ready", "bytes_per_step", "commit_stall", "overload2x",
         "sleepers1m", "restart10k", "in_motion10k", "stored10m"]


def rate(figures, also=()):
    return Measured(figures, "steps/s", "commit1", lambda limits: 0.75 * limits["commit1"],
                    also=also, usage={"cpu_s": 1.5, "bytes_written": 10, "rss_peak_bytes": 20})


class Table(unittest.TestCase):
    def test_there_is_a_row_for_each_line_of_the_cost_table(self):
        self.assertEqual([*ROWS, *SCALE_ROWS], NAMES)

    def test_the_median_counts_and_everything_is_in_the_row(self):
        row = report.row_of("seq", rate([4000.0, 3000.0, 9000.0]), VALUES)
        self.assertLessEqual(KEYS, row.keys())
        self.assertEqual((row["figure"], row["limit"], row["ratio"]), (4000.0, 5000.0, 0.8))
        self.assertEqual((row["target"], row["holds"], row["repetitions"]), (3750.0, True, 3))
        self.assertEqual((row["spread"], row["cpu_s"]), (1.5, 1.5))

    def test_a_row_holds_only_with_all_of_its_conditions(self):
        self.assertFalse(report.row_of("seq", rate([3000.0]), VALUES)["holds"])
        for figure, holds in ((1.05, True), (1.2, False)):
            found = report.row_of("seq", rate([4000.0], [Also("commits a step", figure, 1.1)]),
                                  VALUES)
            self.assertEqual(found["holds"], holds)
            self.assertIn("commits a step", found["note"])

    def test_less_may_be_better(self):
        def also(values):
            return [Also("p99.9", 3.0, 3 * values["commit1_p999_ms"])]

        made = Measured([0.6], "ms", lambda values: 2 * values["commit1_p50_ms"],
                        lambda values: 2 * values["commit1_p50_ms"] + 0.3, at_least=False,
                        also=also)
        row = report.row_of("api1", made, VALUES)
        self.assertTrue(row["holds"])
        self.assertAlmostEqual(row["ratio"], 1.5)
        self.assertEqual(report.compared(row, {"api1": 1.0}), "+50% worse")
        self.assertEqual(report.compared(row, {"api1": 3.0}), "-50%")
        self.assertEqual(report.compared(row, {}), "")

    def test_a_row_that_failed_says_why_and_does_not_hold(self):
        row = report.failed_row("seq", "the server did not start")
        self.assertLessEqual(KEYS, row.keys())
        self.assertFalse(row["holds"])
        self.assertEqual(row["note"], "the server did not start")
        self.assertEqual(report.cells(row, {"seq": 1.0})[6], "NO")

    def test_a_row_without_its_limit_fails_alone(self):
        row = report.settled_row("seq", rate([4000.0]), {})
        self.assertFalse(row["holds"])
        self.assertIn("commit1", row["note"])
        self.assertTrue(report.settled_row("seq", rate([4000.0]), VALUES)["holds"])

    def test_medians_of_limits(self):
        limits = report.Limits()
        limits.taken = {"commit1": {"rate": [1.0, 4.0, 2.0], "p50_ms": [3.0, 1.0, 2.0]}}
        self.assertEqual(limits.rates(), {"commit1": 2.0})
        self.assertEqual(limits.spreads(), {"commit1": 1.5})
        self.assertEqual(limits.values(), {"commit1": 2.0, "commit1_p50_ms": 2.0})

    def test_numbers_and_spreads(self):
        self.assertEqual([number(each) for each in (12345.6, 123.4, 0.01234, None)],
                         ["12,346", "123", "0.0123", "-"])
        self.assertEqual(spread([1.0, 2.0, 3.0]), 1.0)
        self.assertEqual(Options(quick=True).size(10, 1), 1)


class Pictures(unittest.TestCase):
    def test_costs_are_means_of_equal_parts(self):
        points = step_costs([float(cost) for cost in range(1000)], first=0, buckets=10)
        self.assertEqual(len(points), 10)
        self.assertEqual(points[0], [0, 49.5])
        self.assertEqual(points[1], [300, 149.5])

    def test_each_series_becomes_a_picture(self):
        series = {"event_number": [[0, 200.0], [50_000, 210.0], [100_000, 205.0]],
                  "stored": [[1, 20.0], [10_000_000, 22.0]], "concurrent": [[100, 15.0]]}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "series.json"
            path.write_text(json.dumps(series))
            done = subprocess.run([HERE / "plot", path, "--to", folder], capture_output=True,
                                  text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("concurrent: no points", done.stdout)
            for name in ("step-cost-by-event", "step-cost-by-stored"):
                document = xml.dom.minidom.parse(f"{folder}/{name}.svg")
                self.assertEqual(len(document.getElementsByTagName("polyline")), 1)
                self.assertIn("bound", document.toxml())


    def test_a_profile_becomes_a_picture_of_a_batch(self):
        events = [{"ph": "M", "tid": tid, "name": "thread_name", "args": {"name": name}}
                  for tid, name in ((1, "guests 1"), (1000, "batch that fills"))]
        for number in range(1, 13):
            at = 1000.0 * number
            for tid, name, begin, took in ((1000, "fills", 0, 300), (1, "commit", 310, 400),
                                           (1, "write rows", 320, 50), (1, "release", 720, 9)):
                events.append({"ph": "X", "tid": tid, "name": name, "ts": at + begin, "dur": took,
                               "args": {"subject": number}})
            events.append({"ph": "s", "tid": 1000, "id": number, "ts": at + 300, "name": "hand"})
            events.append({"ph": "f", "tid": 1, "id": number, "ts": at + 310, "name": "hand"})
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "trace.json"
            path.write_text(json.dumps({"traceEvents": events}))
            done = subprocess.run([HERE / "picture", "--from", path, "--kind", "batch", "--to",
                                   f"{folder}/batch.svg"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"400\.0 µs +12  commit")
            document = xml.dom.minidom.parse(f"{folder}/batch.svg")
            boxes = [box for box in document.getElementsByTagName("rect")
                     if box.getAttribute("class") == "box"]
            self.assertEqual(len(boxes), 4)
            arrows = [path for path in document.getElementsByTagName("path")
                      if path.getAttribute("class") == "arrow"]
            self.assertEqual(len(arrows), 1)
            few = json.dumps({"traceEvents": events[:8]})
            path.write_text(few)
            done = subprocess.run([HERE / "picture", "--from", path, "--kind", "batch", "--to",
                                   f"{folder}/few.svg"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 1)
            self.assertIn("too few batches", done.stderr)


class Rows(unittest.TestCase):
    def test_rows_are_measured_and_a_failing_one_hides_no_other(self):
        loader = importlib.machinery.SourceFileLoader("bench_run", str(HERE / "run"))
        spec = importlib.util.spec_from_loader("bench_run", loader)
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)

        def broken(options, progress):
            raise KeyError("what is not there")

        module.ALL["broken"] = broken
        sys.argv = ["run", "--quick", "--repetitions", "1", "broken", "seq", "api1"]
        self.assertEqual(module.main(), 1)
        rows = {row["row"]: row for row in json.loads((DATA / "quick.json").read_text())["rows"]}
        self.assertIn("what is not there", rows["broken"]["note"])
        for name in ("seq", "api1"):
            self.assertGreater(rows[name]["figure"], 0)
            self.assertGreater(rows[name]["cpu_s"], 0)
            self.assertGreater(rows[name]["rss_peak_bytes"], 1 << 20)
        self.assertLessEqual(rows["api1"]["p50_ms"], rows["api1"]["p99_ms"])


if __name__ == "__main__":
    unittest.main()
