# SPDX-License-Identifier: Apache-2.0
"""A server process under measurement, and the programs that load it and look at it."""

import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("STELE_BUILD", ROOT / "build/bench")).resolve()
DATA = BUILD / "bench-data"
DEPLOYMENT = BUILD / "components/guests.toml"
FLOWS = "test:guests/flows@1.0.0."
START_LIMIT_S = 300
TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A row cannot be measured; the text says why."""


def run_program(name, *words, limit_s=1200):
    """Runs a program of the build folder; its JSON."""
    done = subprocess.run([BUILD / name, *map(str, words)], capture_output=True, text=True,
                          timeout=limit_s)
    if done.returncode != 0:
        raise Failed(f"{name} {' '.join(map(str, words))}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def words_of(values):
    """`key=value` words; what is None is left out."""
    return [f"{key}={value}" for key, value in values.items() if value is not None]


class Server:
    """One server process on a data folder of its own below the build folder."""

    def __init__(self, name, keep=False, arguments=()):
        self.folder, self.arguments = DATA / name, arguments
        self.log_path = DATA / f"{name}.log"
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.log_path.unlink(missing_ok=True)
        DATA.mkdir(parents=True, exist_ok=True)
        self.child, self.address, self.ready_s, self.spawned_us = None, None, 0.0, 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.end()

    def start(self):
        with open(self.log_path, "ab") as log:
            environment = dict(os.environ, XDG_CACHE_HOME=str(DATA / "cache"))
            self.spawned_us = int(time.time() * 1e6)
            begin = time.monotonic()
            self.child = subprocess.Popen(
                [BUILD / "stele", "server", "run", "-d", DEPLOYMENT, "--data-dir", self.folder,
                 "--listen", "127.0.0.1:0", *map(str, self.arguments)],
                stdout=subprocess.PIPE, stderr=log, env=environment)
        line = self.child.stdout.readline()
        self.ready_s = time.monotonic() - begin
        if not line:
            raise Failed(f"the server did not start: {self.log_text()}")
        self.address = json.loads(line)["address"]
        return self

    def log_text(self):
        """The end of what the server said, in one line."""
        return " | ".join(self.log_path.read_text(errors="replace").splitlines()[-3:])

    def stop(self):
        """Drains."""
        self.child.send_signal(signal.SIGTERM)
        self.child.wait(120)
        self.child.stdout.close()

    def kill(self):
        self.child.kill()
        self.child.wait()
        self.child.stdout.close()

    def end(self):
        """However it stands; the data goes too."""
        if self.child is not None and self.child.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # What it used so far.

    def proc(self, name):
        return pathlib.Path(f"/proc/{self.child.pid}/{name}").read_text()

    def cpu_s(self):
        fields = self.proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def bytes_written(self):
        return int(re.search(r"^write_bytes: (\d+)", self.proc("io"), re.M).group(1))

    def memory(self, name="VmHWM"):
        """Bytes: VmHWM is the peak, VmRSS what is resident now."""
        return int(re.search(name + r":\s+(\d+) kB", self.proc("status")).group(1)) * 1024

    def usage(self):
        return {"cpu_s": self.cpu_s(), "bytes_written": self.bytes_written(),
                "rss_peak_bytes": self.memory()}

    def counters(self):
        environment = dict(os.environ, STELE_API_URL=self.address)
        done = subprocess.run([BUILD / "stele", "server", "counters", "--json"], env=environment,
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Failed(f"no counters: {done.stderr.strip()}; {self.log_text()}")
        return json.loads(done.stdout)

    # Loads.

    def load(self, kind, **words):
        return run_program("stele_load", self.address, kind, *words_of(words))

    def flows(self, function, *params, **words):
        """Executions through the API; fails if one of them fails."""
        answer = self.load("flows", ffqn=FLOWS + function, params=json.dumps(params), **words)
        if answer["failed"]:
            raise Failed(f"{answer['failed']} of {answer['begun']} {function} have failed: "
                         f"{answer['first_error']}; {self.log_text()}")
        if answer["refused"] and "rate" not in words:
            raise Failed(f"{answer['refused']} of {answer['begun']} {function} were refused")
        return answer

    def begin_load(self, kind, **words):
        """A load beside others; ended by the caller."""
        return subprocess.Popen([BUILD / "stele_load", self.address, kind, *words_of(words)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def wait_packed(self, limit_s=180):
        """Until nothing more is packed and nothing is written."""
        end, still, before = time.monotonic() + limit_s, 0, None
        while still < 3 and time.monotonic() < end:
            now = self.counters()
            seen = (now["store_packed_entries"], now["store_tails_emptied"],
                    now["store_commits"])
            still = still + 1 if seen == before else 0
            before = seen
            time.sleep(0.3)

    def database_bytes(self):
        """In use, without free pages. Only of a stopped server."""
        database = sqlite3.connect(self.folder / "stele.sqlite")
        size, count, free = (database.execute(f"pragma {name}").fetchone()[0]
                             for name in ("page_size", "page_count", "freelist_count"))
        database.close()
        return size * (count - free)
