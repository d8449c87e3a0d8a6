# SPDX-License-Identifier: Apache-2.0
"""Drives a real server and the real command line for the end-to-end tests.

The build folder comes from the environment variable STELE_BUILD. Every server gets a port of its
own (127.0.0.1:0) and a data folder of its own; nothing waits for a fixed time: the calls below wait
for what the server says, with a limit that only a broken server reaches.
"""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

BUILD = pathlib.Path(os.environ.get("STELE_BUILD", "build/check")).resolve()
BINARY = BUILD / "stele"
COMPONENTS = BUILD / "components"
LIMIT_S = int(os.environ.get("STELE_LIMIT_S", "60"))
FAULTY_DISK = BUILD / "libfaulty_disk.so"

# Every queue, tail and cache as small as it can be (issue: the suites pass again with these).
TINY = {
    "tail_events": 200,
    "hot_guests": 2,
    "batch_rows": 8,
    "ready_loaded": 16,
    "wal_bytes": 1 << 20,
}


def preload(library):
    """The environment that preloads a library; a sanitizer's own has to come first."""
    first = os.environ.get("STELE_PRELOAD_FIRST")
    return {"LD_PRELOAD": f"{first} {library}" if first else str(library)}


def reports(log):
    """What sanitizers have written into a log, from the first line of it."""
    at = log.find("Sanitizer:")
    at = at if at >= 0 else log.find(": runtime error: ")
    return log[log.rfind("\n", 0, max(at, 0)) + 1:] if at >= 0 else ""


class Result:
    """Exit code and output of one command."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out}\nstderr: {self.err}"


def command(*args, address=None, env=None, limit_s=LIMIT_S):
    """Runs `stele args…`, against `address` if one is given."""
    environment = dict(os.environ, **(env or {}))
    if address:
        environment["STELE_API_URL"] = address
    done = subprocess.run([str(BINARY), *map(str, args)], capture_output=True, text=True,
                          env=environment, timeout=limit_s, stdin=subprocess.DEVNULL)
    return Result(done)


class Server:
    """One server process. `data` survives kill(); start() again goes on with it."""

    def __init__(self, data, deployment, env=None, args=()):
        self.data, self.deployment = pathlib.Path(data), deployment
        self.env, self.args = dict(env or {}), list(args)
        self.child, self.address = None, None

    def spawn(self):
        """Starts the process, which may not be ready yet."""
        environment = dict(os.environ, **self.env)
        environment.setdefault("XDG_CACHE_HOME", str(BUILD / "e2e-cache"))
        self.log = open(self.data.parent / (self.data.name + ".log"), "ab")
        self.child = subprocess.Popen(
            [str(BINARY), "server", "run", "-d", str(self.deployment), "--data-dir", str(self.data),
             "--listen", "127.0.0.1:0", *self.args],
            stdout=subprocess.PIPE, stderr=self.log, stdin=subprocess.DEVNULL, env=environment)

    def start(self):
        self.spawn()
        line = self.child.stdout.readline()
        if not line:
            self.child.wait(LIMIT_S)
            code = self.child.returncode
            raise AssertionError(f"the server ended with {code}: {self.log_text()}")
        ready = json.loads(line)
        assert ready["ready"] is True, line
        self.address = ready["address"]
        return self

    def log_text(self):
        path = self.data.parent / (self.data.name + ".log")
        return path.read_text(errors="replace") if path.exists() else ""

    def kill(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait(LIMIT_S)
        self.child.stdout.close()
        self.log.close()

    def stop(self):
        """Drains; returns the exit code."""
        self.child.send_signal(signal.SIGTERM)
        code = self.child.wait(LIMIT_S)
        self.child.stdout.close()
        self.log.close()
        return code

    def running(self):
        return self.child is not None and self.child.poll() is None

    def call(self, *args, **more):
        return command(*args, address=self.address, **more)

    def submit(self, ffqn, *params, id=None):
        """Submits and returns the execution id."""
        options = ["-e", id] if id else []
        done = self.call("execution", "submit", *options, "--json", ffqn, "--",
                         *[json.dumps(p) for p in params])
        assert done.code == 0, done
        return done.json()["execution_id"]

    def finish(self, ffqn, *params):
        """Submits, waits for the end, returns the result object."""
        done = self.call("execution", "submit", "--follow", "--json", ffqn, "--",
                         *[json.dumps(p) for p in params])
        assert done.code in (0, 1), done
        return json.loads(done.out.strip().splitlines()[-1])["result"]

    def get(self, execution):
        done = self.call("execution", "get", "--json", execution)
        assert done.code in (0, 1), done
        return done.json()

    def wait_until(self, what, limit_s=LIMIT_S):
        """Asks `what` again until it answers something true."""
        end = time.monotonic() + limit_s
        while True:
            answer = what()
            if answer:
                return answer
            late = time.monotonic() > end
            assert not late, f"still not so after {limit_s} s; {self.log_text()[-2000:]}"
            assert self.running(), f"the server died: {self.log_text()[-2000:]}"

    def wait_finished(self, execution, limit_s=LIMIT_S):
        self.wait_until(lambda: self.status(execution) == "finished", limit_s)
        return self.get(execution)

    def status(self, execution):
        return self.get(execution)["pending_state"]["status"]

    def paged(self, what, execution, first, number):
        """All pages of a listing."""
        found = []
        while True:
            done = self.call("execution", what, "--json", "--from", first, "--limit", 1000,
                             execution)
            assert done.code == 0, done
            page = done.json()[what]
            found += page
            if len(page) < 1000:
                return found
            first = page[-1][number] + 1

    def events(self, execution):
        return self.paged("events", execution, 0, "version")

    def responses(self, execution):
        return self.paged("responses", execution, 1, "seq")

    def lines(self, execution):
        """What a workflow that returns lines saw."""
        return self.wait_finished(execution)["result"]["ok"]

    def logs(self, execution):
        done = self.call("execution", "logs", "--json", execution)
        assert done.code == 0, done
        return done.json()

    def replay(self, execution):
        """The answer of a replay, which must be equal to what is stored."""
        done = self.call("execution", "replay", "--json", execution)
        assert done.code == 0 and done.json()["equal"] is True, done
        return done.json()

    def ok(self, *args):
        """Runs a command of `stele execution` that must succeed; returns its JSON."""
        done = self.call("execution", *args[:1], "--json", *args[1:])
        assert done.code == 0, (args, done)
        return done.json()

    def refused(self, code, *args):
        """Runs a command of `stele execution` that must fail with `code`; returns its words."""
        done = self.call("execution", *args)
        assert done.code == code, (args, done)
        return done.err

    def history(self, execution):
        """The types of the history's events, or the names of the other events."""
        return [kind_of(event["event"]) for event in self.events(execution)]

    def counters(self):
        return self.call("server", "counters", "--json").json()


def kind_of(event):
    name, body = next(iter(event.items()))
    return body["event"]["type"] if name == "history_event" else name


class Case(unittest.TestCase):
    """A test with a folder of its own; servers that it started are gone at its end."""

    deployment = "guests.toml"

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stele-e2e-"))
        self.servers = []

    def tearDown(self):
        for server in self.servers:
            if server.running():
                server.kill()
        found = "".join(reports(server.log_text()) for server in self.servers)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.assertEqual(found, "")

    def place(self, name, toml, *files):
        """A deployment file of the given text in a folder of its own, beside components."""
        folder = self.folder / name
        folder.mkdir()
        for file in files:
            shutil.copy(COMPONENTS / file, folder / file)
        (folder / "deployment.toml").write_text(toml)
        return folder / "deployment.toml"

    def server(self, name="data", deployment=None, tiny=False, env=None, args=()):
        env = dict(env or {})
        if tiny or os.environ.get("STELE_E2E_TINY"):
            env["STELE_TEST_LIMITS"] = json.dumps(TINY)
        path = deployment or COMPONENTS / self.deployment
        made = Server(self.folder / name, path, env, args)
        self.servers.append(made)
        return made


class Shared(Case):
    """Tests that share one server, which each class starts once."""

    deployment = "contract.toml"

    @classmethod
    def setUpClass(cls):
        cls.owner = Case()
        cls.owner.deployment = cls.deployment
        cls.owner.setUp()
        cls.addClassCleanup(cls.owner.tearDown)
        cls.s = cls.owner.server().start()

    def another(self, name, deployment=None, **more):
        """A server beside the shared one."""
        return self.owner.server(name, deployment, **more)

    def setUp(self):
        self.folder, self.servers = self.owner.folder, self.owner.servers

    def tearDown(self):
        pass
