# SPDX-License-Identifier: Apache-2.0
"""THIRD-PARTY.md agrees with bridge/Cargo.lock."""
import pathlib
import re
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class ThirdParty(unittest.TestCase):
    def setUp(self):
        lock = tomllib.loads((ROOT / "bridge/Cargo.lock").read_text())
        self.locked = {(p["name"], p["version"]) for p in lock["package"]}
        notices = (ROOT / "THIRD-PARTY.md").read_text()
        self.rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|", notices, re.MULTILINE)
        self.listed = {(name, version) for name, version, _ in self.rows}

    def test_each_listed_crate_is_the_locked_one(self):
        crates = {row for row in self.listed if re.match(r"\d", row[1])}
        self.assertGreater(len(crates), 100)
        self.assertEqual(crates - self.locked, set(), "run tools/third-party")

    def test_the_bridges_own_dependencies_are_listed(self):
        names = {name for name, _ in self.listed}
        manifest = tomllib.loads((ROOT / "bridge/Cargo.toml").read_text())
        self.assertEqual(set(manifest["dependencies"]) - names, set(), "run tools/third-party")

    def test_every_row_has_a_licence(self):
        self.assertEqual([row for row in self.rows if row[2] in ("", "see below")], [])


if __name__ == "__main__":
    unittest.main()
