# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at random moments, against a ledger that the client keeps."""

import http.server
import json
import os
import random
import threading
import unittest

from stele import COMPONENTS, Case
from test_samples import ORDER, RECEIPT

KILLS = int(os.environ.get("STELE_KILLS", "20"))
ORDERS = int(os.environ.get("STELE_ORDERS", "200"))


class Torture(Case):
    deployment = "checkout.toml"

    def results_of_children(self, server, execution):
        """The stored result of each response, in order."""
        return [(r["seq"], json.dumps(r["event"], sort_keys=True))
                for r in server.responses(execution)]

    def submit_all(self, server, ids, ledger):
        """Submits until the server is gone; the ledger holds what was acknowledged."""
        for execution in ids:
            if execution in ledger:
                continue
            done = server.call("execution", "submit", "-e", execution,
                               "sample:checkout/shop@1.0.0.place-order", "--",
                               json.dumps(dict(ORDER, cooling_off_ms=200)))
            if done.code != 0:
                return
            ledger.add(execution)

    def test_kills(self):
        seed = int(os.environ.get("STELE_SEED", "1"))
        draw = random.Random(seed)
        server = self.server().start()
        ids = [server.call("generate", "execution-id").out.strip() for _ in range(ORDERS)]
        ledger, seen = set(), {}
        for _ in range(KILLS):
            client = threading.Thread(target=self.submit_all, args=(server, ids, ledger))
            client.start()
            client.join(draw.uniform(0.05, 0.8))
            for execution in draw.sample(sorted(ledger), min(3, len(ledger))):
                seen[execution] = self.results_of_children(server, execution)
            server.kill()
            client.join()
            server.start()
        self.submit_all(server, ids, ledger)
        self.assertEqual(len(ledger), ORDERS, f"seed {seed}")
        for execution in ids:
            done = server.wait_finished(execution)
            self.assertEqual(done["result"], {"ok": RECEIPT}, f"seed {seed} {execution}")
        for execution, before in seen.items():
            after = self.results_of_children(server, execution)
            self.assertEqual(after[:len(before)], before, f"seed {seed}: a stored result changed")
        for execution in ids:
            replayed = server.call("execution", "replay", execution)
            self.assertEqual(replayed.code, 0, f"seed {seed} {execution}: {replayed}")


class Killer(Case):
    """A guest that kills the process each time it runs does not do so forever."""

    def test_killer(self):
        ledger, called = [], threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                ledger.append(self.path)
                called.set()
                threading.Event().wait(20)  # no answer: the server is killed meanwhile

            def log_message(self, *_):
                pass

        listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        listener.daemon_threads = True
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        self.addCleanup(listener.server_close)
        self.addCleanup(listener.shutdown)
        host = f"127.0.0.1:{listener.server_address[1]}"
        limits = {"interruptions_max": 4}
        server = self.server(deployment=COMPONENTS / "caller.toml",
                             env={"CALLER_HOST": host, "STELE_TEST_LIMITS": json.dumps(limits)})
        server.start()
        killer = server.submit("test:caller/caller@1.0.0.get", host, "/kill")
        others = [server.submit("test:guests/flows@1.0.0.nap", 50, 40) for _ in range(4)]
        kills = 0
        while True:
            server.wait_until(lambda: called.is_set() or
                              server.status(killer) == "finished")
            if not called.is_set():
                break
            called.clear()
            kills += 1
            self.assertLess(kills, 12, "the guest kills the process forever")
            server.kill()
            server.start()
        self.assertGreaterEqual(kills, 2)
        failure = server.get(killer)["result"]["execution_failed"]
        self.assertIn("died 4 times", failure["reason"])
        for execution in others:
            self.assertEqual(server.wait_finished(execution)["result"], {"ok": 40})

    def test_outgoing_http_is_denied_unless_allowed(self):
        server = self.server(deployment=COMPONENTS / "caller.toml",
                             env={"CALLER_HOST": "127.0.0.1:9"}).start()
        denied = server.finish("test:caller/caller@1.0.0.get", "127.0.0.1:10", "/")
        self.assertEqual(denied, {"err": "denied"})


if __name__ == "__main__":
    unittest.main()
