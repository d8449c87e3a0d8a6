# SPDX-License-Identifier: Apache-2.0
import contextlib
import io
import pathlib
import tempfile
import unittest

from tests.tree import SPDX, findings
from tidy_checks import run

LONG = "int x; " + "/" * 100
# Taken apart, so that this file holds no marker itself.
ALLOW = "// tidy: " + "allow"


class Markers(unittest.TestCase):
    def rules(self, text, path="src/base/a.cc"):
        return [f.rule for f in findings({path: SPDX + text})]

    def test_excuses_its_line_and_the_next(self):
        self.assertEqual(self.rules(LONG + "\n"), ["line-length"])
        self.assertEqual(self.rules(f"{ALLOW}(line-length) a table\n{LONG}\n"), [])
        self.assertEqual(self.rules(f"int x; {ALLOW}(throw) foreign\nthrow 1;\n"), [])
        self.assertEqual(self.rules(f"{ALLOW}(line-length) a table\n\n{LONG}\n"),
                         ["marker", "line-length"])

    def test_rules_of_a_whole_file(self):
        text = f"{ALLOW}(unused-header) for users of the library\n#pragma once\n"
        self.assertEqual(self.rules("\n\n" + text, "src/base/a.h"), [])

    def test_must_be_right(self):
        self.assertEqual(self.rules(f"{ALLOW}(line-length)\n{LONG}\n"), ["marker"])
        self.assertEqual(self.rules(f"{ALLOW}(no-such-rule) why\n"), ["marker"])
        self.assertEqual(self.rules(f"{ALLOW}(line-length) not needed\n"), ["marker"])

    def test_five_in_the_tree(self):
        text = f"{ALLOW}(line-length) a table\n{LONG}\n"
        self.assertEqual(self.rules(text * 5), [])
        self.assertEqual(self.rules(text * 6), ["marker"])


class Run(unittest.TestCase):
    def test_reads_code_and_skips_what_is_built(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path in ("src/a.cc", "build/b.cc", "bridge/target/c.rs", ".git/d.cc", "notes.md",
                         "tools/e", ".ci/run"):
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text("#!/bin/sh\n" if path in ("tools/e", ".ci/run") else "x\n")
            paths = [s.path for s in run.read_tree(root)]
            self.assertEqual(paths, [".ci/run", "src/a.cc", "tools/e"])

    def test_exit_code_and_output(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "src/base").mkdir(parents=True)
            (root / "src/layers.txt").write_text("base: -\n")
            (root / "src/base/a.cc").write_text(SPDX)
            self.assertEqual(self.main(folder), (0, "tidy: 1 files, 0 exceptions, 0 findings\n"))
            (root / "src/base/a.cc").write_text(SPDX + "using namespace std;\n")
            code, output = self.main(folder)
            self.assertEqual(code, 1)
            self.assertTrue(output.startswith("src/base/a.cc:2: using-namespace: "), output)

    def main(self, folder):
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = run.main(["--root", folder])
        return code, output.getvalue()


if __name__ == "__main__":
    unittest.main()
