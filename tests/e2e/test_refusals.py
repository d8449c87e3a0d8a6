# SPDX-License-Identifier: Apache-2.0
"""Bad input of every kind: a clear error, the right exit code, and nothing else changed."""

import os
import socket
import sqlite3
import subprocess
import unittest

import stele
from stele import COMPONENTS, Case, command

WORK = "test:guests/work@1.0.0."
GUESTS = COMPONENTS / "guests.toml"
NOBODY = "E_01ARZ3NDEKTSV4RRFFQ69G5FAV"

# An activity must return a result (contract 2.2); this one returns a number.
PLAIN_RESULT = b"""(component
  (core module $m (func (export "f") (result i32) i32.const 1))
  (core instance $i (instantiate $m))
  (func $f (result u32) (canon lift (core func $i "f")))
  (instance $e (export "f" (func $f)))
  (export "a:b/c@1.0.0" (instance $e)))"""


class Start(Case):
    """`server run` refuses before it has started or changed anything."""

    def run_with(self, toml, files=None, args=(), data="data"):
        """Starts a server in the foreground on a deployment file of the given text."""
        folder = self.folder / "deployment"
        folder.mkdir(exist_ok=True)
        for name, content in (files or {}).items():
            (folder / name).write_bytes(content)
        path = folder / "d.toml"
        if toml is not None:
            path.write_text(toml)
        listen = [] if "--listen" in args else ["--listen", "127.0.0.1:0"]
        return command("server", "run", "-d", path, "--data-dir", self.folder / data, *listen,
                       *args, env={"XDG_CACHE_HOME": str(self.folder / "cache")})

    def refused(self, done, code, *words):
        self.assertEqual(done.code, code, done)
        self.assertEqual(done.out, "", done)
        for word in words:
            self.assertIn(word, done.err)

    def section(self, kind, name, location):
        return f'[[{kind}]]\nname = "{name}"\nlocation = "{location}"\n'

    def test_deployment_files(self):
        wasm = (COMPONENTS / "guest_activities.wasm").read_bytes()
        activity = self.section("activity_wasm", "a", "a.wasm")
        for toml, files, code, words in [
                (None, {}, 3, ["d.toml", "cannot be read"]),
                ("[[", {}, 6, ["d.toml:1:"]),
                (activity + "max_retry = 1\n", {}, 6, ["d.toml:4:1", "did you mean `max_retries`"]),
                (activity, {}, 3, ["a.wasm", "cannot be read"]),
                (activity, {"a.wasm": b""}, 6, ["`a`", "a.wasm"]),
                (activity, {"a.wasm": b"no wasm at all"}, 6, ["`a`", "a.wasm"]),
                (activity, {"a.wasm": wasm[:len(wasm) // 2]}, 6, ["`a`", "a.wasm"]),
                (activity, {"a.wasm": wasm[:9000] + b"\xff" * 64 + wasm[9064:]}, 6, ["`a`"]),
                (self.section("workflow_wasm", "w", "w.wasm"),
                 {"w.wasm": (COMPONENTS / "guest_workflows.wasm").read_bytes()}, 6,
                 ["`w`", "test:guests/work@1.0.0"]),
                (self.section("workflow_wasm", "w", "w.wasm"),
                 {"w.wasm": (COMPONENTS / "checkout_activities.wasm").read_bytes()}, 6,
                 ["`w`", "wasi:", "stub_wasi"]),
                (activity, {"a.wasm": PLAIN_RESULT}, 6, ["`a`", "a:b/c@1.0.0", "u32"]),
                (activity + self.section("activity_wasm", "b", "a.wasm"), {"a.wasm": wasm}, 6,
                 ["`a`", "`b`"])]:
            self.refused(self.run_with(toml, files), code, *words)
        self.assertFalse((self.folder / "data").exists(), "a refused start made a data folder")

    def test_places(self):
        good = GUESTS.read_text()
        files = {p.name: p.read_bytes() for p in COMPONENTS.glob("guest_*.wasm")}
        (self.folder / "file").write_text("")
        self.refused(self.run_with(good, files, data="file/below"), 5, "file/below")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done = self.run_with(good, files, ["--listen", f"127.0.0.1:{port}"])
            self.refused(done, 5, str(port), "in use")
        public = self.run_with(good, files, ["--listen", "0.0.0.0:0"])
        self.refused(public, 6, "0.0.0.0", "authentication")

    def test_data_folders(self):
        server = self.server().start()
        self.assertEqual(server.finish(WORK + "step", 1), {"ok": 1})
        second = command("server", "run", "-d", GUESTS, "--data-dir", server.data,
                         "--listen", "127.0.0.1:0")
        self.refused(second, 5, str(server.data), "another")
        self.assertEqual(server.stop(), 0)
        database = server.data / "stele.sqlite"
        self.assertEqual(oct(server.data.stat().st_mode & 0o777), "0o700")
        with sqlite3.connect(database) as connection:
            connection.execute("pragma user_version = 999")
        connection.close()
        before = database.read_bytes()
        newer = command("server", "run", "-d", GUESTS, "--data-dir", server.data,
                        "--listen", "127.0.0.1:0")
        self.refused(newer, 5, "stele.sqlite", "newer")
        self.assertEqual(database.read_bytes(), before)
        for content in [b"not a database, but a text that is long enough" * 200, None]:
            folder = self.folder / f"foreign{content is None}"
            folder.mkdir(mode=0o700)
            if content is None:
                with sqlite3.connect(folder / "stele.sqlite") as connection:
                    connection.execute("create table somebody_elses (x)")
                connection.close()
            else:
                (folder / "stele.sqlite").write_bytes(content)
            before = (folder / "stele.sqlite").read_bytes()
            foreign = command("server", "run", "-d", GUESTS, "--data-dir", folder,
                              "--listen", "127.0.0.1:0")
            self.refused(foreign, 5, "stele.sqlite")
            self.assertEqual((folder / "stele.sqlite").read_bytes(), before)


class Requests(Case):
    def test_requests(self):
        server = self.server().start()
        for args, code, words in [
                (["execution", "submit", WORK + "stepp", "--", "1"], 3, [WORK + "step"]),
                (["execution", "submit", WORK + "step", "--", '"x"'], 6, ["1-th parameter", "u64"]),
                (["execution", "submit", WORK + "step", "--", "-1"], 6, ["1-th parameter"]),
                (["execution", "submit", WORK + "step", "--", "1", "2"], 6, ["expected: 1"]),
                (["execution", "submit", WORK + "step", "[1"], 6, ["JSON"]),
                (["execution", "submit", "no function", "[]"], 6, ["no function"]),
                (["execution", "get", "E_nonsense"], 6, ["E_nonsense"]),
                (["execution", "get", NOBODY], 3, [NOBODY]),
                (["execution", "cancel", NOBODY + ".o:1-x_1"], 3, []),
                (["execution", "nonsense"], 2, []),
                (["execution", "submit"], 2, [])]:
            done = server.call(*args)
            self.assertEqual(done.code, code, (args, done))
            self.assertEqual(done.out, "", done)
            for word in words:
                self.assertIn(word, done.err)
        self.assertEqual(server.call("execution", "list", "--json").json(), [])
        server.stop()
        nobody = command("execution", "list", address=server.address)
        self.assertEqual(nobody.code, 5)
        self.assertIn("no server at", nobody.err)

    def test_one_damaged_execution_among_many(self):
        server = self.server().start()
        executions = [server.submit("test:guests/flows@1.0.0.nap", 200, 8) for _ in range(6)]
        server.wait_until(lambda: all(len(server.responses(e)) >= 1 for e in executions))
        server.kill()
        connection = sqlite3.connect(server.data / "stele.sqlite")
        tables = [row[0] for row in connection.execute(
            "select name from sqlite_master where type = 'table' and name glob 'tail*'")]
        key = connection.execute("select min(key) from execution").fetchone()[0]
        for table in tables:
            connection.execute(f"update {table} set body = x'ff00ff00' where execution = ?",
                               (key,))
        connection.commit()
        connection.close()
        server.start()
        for execution in executions[1:]:
            self.assertEqual(server.wait_finished(execution)["result"], {"ok": 8})
        damaged = server.call("execution", "events", executions[0])
        self.assertNotEqual(damaged.code, 0, damaged)
        self.assertIn(executions[0], damaged.err)
        self.assertEqual(server.finish(WORK + "step", 5), {"ok": 5})


class Toolchain(Case):
    def test_components(self):
        junk = self.folder / "junk.wasm"
        junk.write_bytes(os.urandom(4096))
        for args, code in [(["component", "inspect", junk], 6), (["component", "wit", junk], 6),
                           (["component", "inspect", self.folder / "missing"], 3),
                           (["component", "new", junk, "-o", self.folder / "out.wasm"], 6)]:
            done = command(*args)
            self.assertEqual(done.code, code, (args, done))
            self.assertNotEqual(done.err, "")
        self.assertFalse((self.folder / "out.wasm").exists())
        wit = self.folder / "wit"
        wit.mkdir()
        (wit / "bad.wit").write_text("package a:b;\ninterface x { f: func( }\n")
        done = command("component", "bindings", "--lang", "c", wit, self.folder / "out")
        self.assertEqual(done.code, 6, done)
        self.assertIn("bad.wit", done.err)
        done = command("component", "inspect", "--json", COMPONENTS / "guest_activities.wasm")
        self.assertEqual(done.code, 0, done)
        self.assertIn(WORK + "step", str(done.json()))

    def test_completions_and_version(self):
        for shell in ("bash", "zsh", "fish"):
            done = command("completion", shell)
            self.assertEqual(done.code, 0)
            self.assertIn("stele complete", done.out)
        bash = command("completion", "bash").out
        subprocess.run(["bash", "-n"], input=bash, text=True, check=True)
        self.assertRegex(command("--version").out, r"\d+\.\d+\.\d+")
        self.assertEqual(command("--help").code, 0)
        self.assertEqual(stele.command().code, 2)


if __name__ == "__main__":
    unittest.main()
