# SPDX-License-Identifier: Apache-2.0
"""The samples do what their READMEs say, also across a SIGKILL."""

import json
import pathlib
import unittest

from stele import Case

SAMPLES = pathlib.Path(__file__).parents[2] / "samples"
ORDER = json.loads((SAMPLES / "checkout/order.json").read_text())[0]
RECEIPT = {
    "order_id": "1001", "total_cents": 70600, "authorization": "A-1001-70600",
    "reservations": ["R-1001-chair", "R-1001-desk", "R-1001-lamp"],
    "parcel": "P-1001", "invoice": "I-1001", "points": 706,
}


class Hello(Case):
    deployment = "hello.toml"

    def test_greets_everybody(self):
        server = self.server().start()
        result = server.finish("sample:hello/flow@1.0.0.greet-all", ["Ada", "Grace"], 1)
        self.assertEqual(result, {"ok": ["Hello, Ada!", "Hello, Grace!"]})
        self.assertEqual(server.stop(), 0)

    def test_goes_on_after_kill(self):
        server = self.server().start()
        names = [f"n{i}" for i in range(5)]
        execution = server.submit("sample:hello/flow@1.0.0.greet-all", names, 150)
        server.wait_until(lambda: len(server.responses(execution)) >= 3)
        before = server.responses(execution)
        server.kill()
        server.start()
        self.assertEqual(server.responses(execution)[:len(before)], before)
        done = server.wait_finished(execution)
        self.assertEqual(done["result"], {"ok": [f"Hello, {n}!" for n in names]})
        replayed = server.call("execution", "replay", execution)
        self.assertEqual(replayed.code, 0, replayed)


class Checkout(Case):
    deployment = "checkout.toml"

    def test_kill_in_the_cooling_off(self):
        server = self.server().start()
        order = dict(ORDER, cooling_off_ms=700)
        execution = server.submit("sample:checkout/shop@1.0.0.place-order", order)
        server.wait_until(lambda: len(server.responses(execution)) >= 8)
        before = server.responses(execution)
        server.kill()
        server.start()
        self.assertEqual(server.responses(execution)[:len(before)], before)
        self.assertEqual(server.wait_finished(execution)["result"], {"ok": RECEIPT})
        self.assertEqual(server.call("execution", "replay", execution).code, 0)
        authorize = [r for r in server.responses(execution)
                     if "authorize" in r["event"].get("join_set_id", "")]
        child = authorize[0]["event"]["event"]["child_execution_id"]
        retries = [e for e in server.events(child) if "temporarily_failed" in e["event"]]
        self.assertGreaterEqual(len(retries), 1, "the busy gateway was not retried")

    def test_permanent_error_is_not_retried(self):
        server = self.server().start()
        order = dict(ORDER, items=[{"sku": "lamp", "quantity": 0, "price_cents": 1}])
        result = server.finish("sample:checkout/shop@1.0.0.place-order", order)
        self.assertEqual(result, {"err": {"permanent_refusal": "nothing ordered of lamp"}})


if __name__ == "__main__":
    unittest.main()
