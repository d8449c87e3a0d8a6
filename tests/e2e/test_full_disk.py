# SPDX-License-Identifier: Apache-2.0
"""A full disk: at start, and in the middle of a run, then space again."""

import unittest

from stele import COMPONENTS, FAULTY_DISK, Case, command, preload

WORK = "test:guests/work@1.0.0."
FLOWS = "test:guests/flows@1.0.0."


class FullDisk(Case):
    def shim(self, control):
        return {**preload(FAULTY_DISK), "STELE_FAULT_ROOT": str(self.folder),
                "STELE_FAULT_CONTROL": str(control)}

    def test_at_start(self):
        control = self.folder.parent / (self.folder.name + ".control")
        control.write_text("0")
        self.addCleanup(control.unlink)
        done = command("server", "run", "-d", COMPONENTS / "guests.toml", "--data-dir",
                       self.folder / "data", "--listen", "127.0.0.1:0", env=self.shim(control))
        self.assertEqual(done.code, 5, done)
        self.assertIn("no space left", done.err)

    def test_in_the_middle(self):
        control = self.folder.parent / (self.folder.name + ".control")
        control.write_text("unlimited")
        self.addCleanup(control.unlink)
        server = self.server(env=self.shim(control)).start()
        self.assertEqual(server.finish(FLOWS + "seq", 5), {"ok": 10})
        running = server.submit(FLOWS + "nap", 100, 10)
        control.write_text("0")
        tried = []

        def refused():  # once the room that was made in the WAL is used up
            tried.append(server.call("generate", "execution-id").out.strip())
            done = server.call("execution", "submit", "-e", tried[-1], FLOWS + "seq", "--", "200")
            return done.code == 5 and done

        server.wait_until(refused)
        known = tried[-1]
        self.assertEqual(server.get(running)["execution_id"], running, "reads go on")
        control.write_text("unlimited")
        server.wait_until(lambda: server.call("execution", "submit", "-e", known, FLOWS + "seq",
                                              "--", "200").code == 0)
        self.assertEqual(server.wait_finished(known)["result"], {"ok": 19900})
        self.assertEqual(server.wait_finished(running)["result"], {"ok": 10})
        for execution in (running, known):
            self.assertEqual(server.call("execution", "replay", execution).code, 0)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
