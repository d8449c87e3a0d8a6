# SPDX-License-Identifier: Apache-2.0
"""The bridge's wasmtime is built with the features that its speed and determinism rest on."""
import json
import pathlib
import subprocess
import unittest

BRIDGE = pathlib.Path(__file__).resolve().parents[2] / "bridge"


class Features(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        command = ["cargo", "metadata", "--locked", "--offline", "--format-version", "1",
                   "--filter-platform", "x86_64-unknown-linux-gnu"]
        done = subprocess.run(command, cwd=BRIDGE, capture_output=True, text=True, check=True)
        nodes = json.loads(done.stdout)["resolve"]["nodes"]
        cls.features = {node["id"].rsplit("#", 1)[-1]: node["features"] for node in nodes}

    def test_calls_take_the_short_path(self):
        """With `component-model-async` every call would go through the engine's event loop."""
        self.assertIn("component-model", self.features["wasmtime@48.0.8"])
        self.assertNotIn("component-model-async", self.features["wasmtime@48.0.8"])

    def test_backtraces_are_on_from_the_start(self):
        """They change the fingerprint of compiled code."""
        for feature in ("addr2line", "backtrace"):
            self.assertIn(feature, self.features["wasmtime@48.0.8"])

    def test_threads_are_off(self):
        self.assertNotIn("threads", self.features["wasmtime@48.0.8"])


if __name__ == "__main__":
    unittest.main()
