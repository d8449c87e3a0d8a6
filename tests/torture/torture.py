# SPDX-License-Identifier: Apache-2.0
"""Kills a real server under load, again and again, and compares what its clients were told, what
its activities recorded outside and what its database holds.

    torture.py [--seed N] [--kills N] [--faults all|name,...] [--keep]

Everything is drawn from the seed, but for the moments at which threads run. docs/torture.md says
what the faults are and what must hold.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from stele import (BUILD, COMPONENTS, FAULTY_DISK, LIMIT_S, TINY, Server, preload,  # noqa: E402
                   reports)

FAULTS = ("stop", "full", "lost", "redeploy", "migrate", "start")
DEPLOYMENTS = ("torture.toml", "torture_next.toml")
WORKERS = 4
PROGRESS_S = 60


class Wrong(Exception):
    """Something that must not happen."""


class Clients:
    """The process that holds the clients, their ledger and the recorder of attempts."""

    def __init__(self, seed):
        self.child = subprocess.Popen([str(BUILD / "torture_client"), str(seed), str(WORKERS)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.recorder = self.answer()["recorder"]

    def say(self, line):
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()

    def answer(self):
        line = self.child.stdout.readline()
        if not line:
            raise Wrong(f"the clients have ended with {self.child.wait(LIMIT_S)}")
        return json.loads(line)

    def ask(self, line):
        self.say(line)
        return self.answer()

    def stop(self):
        if self.child.poll() is None:
            self.say("stop")
        return self.child.wait(LIMIT_S)


class Torture:
    def __init__(self, arguments):
        self.draw = random.Random(arguments.seed)
        self.seed, self.kills, self.faults = arguments.seed, arguments.kills, arguments.faults
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stele-torture-"))
        self.control = self.folder / "space"
        self.control.write_text("unlimited")
        self.clients = Clients(self.seed)
        self.deployment, self.migrations = 0, 0
        self.counts = dict.fromkeys(("kills", "ready", *FAULTS), 0)
        self.lives, self.told_at = 0, 0
        self.server = None

    def chance(self, fault, share):
        """Each of the first lives has one of the faults and no other; then they are drawn."""
        hit = self.draw.random() < share and fault in self.faults
        early = FAULTS[self.lives - 2] if 2 <= self.lives < len(FAULTS) + 2 else None
        if early in self.faults:
            hit = fault == early
        self.counts[fault] += hit
        return hit

    def environment(self, faulty=True):
        limits = {"careful_ms": self.draw.choice((0, 60_000)), "interruptions_max": 10_000}
        if self.migrations:
            limits["schema_versions_added"] = self.migrations
        if self.draw.random() < 0.5:
            limits |= TINY
        env = {"STELE_TEST_LIMITS": json.dumps(limits), "RECORDER": self.clients.recorder}
        if faulty and {"full", "lost"} & set(self.faults):
            env |= {**preload(FAULTY_DISK), "STELE_FAULT_ROOT": str(self.folder / "data") + "/",
                    "STELE_FAULT_CONTROL": str(self.control)}
            if self.chance("lost", 0.6):
                env["STELE_FAULT_LOSE"] = str(self.draw.randrange(1, 1 << 60))
        return env

    def make_server(self, faulty=True):
        return Server(self.folder / "data", COMPONENTS / DEPLOYMENTS[self.deployment],
                      self.environment(faulty))

    def life(self):
        """One server from its start to its SIGKILL."""
        self.lives += 1
        if self.chance("redeploy", 0.15):
            self.deployment = 1 - self.deployment
        if self.chance("migrate", 0.1):
            self.migrations += 1
        self.server = self.make_server()
        if self.chance("start", 0.2):
            self.die_early()
            return
        self.server.start()
        self.counts["ready"] += 1
        self.clients.say("up " + self.server.address)
        self.wait(self.draw.uniform(0.02, 0.9))
        if self.chance("full", 0.1):
            self.fill_disk()
        if self.chance("stop", 0.15):
            self.hold()
        if not self.server.running():
            raise Wrong(f"the server has ended by itself with {self.server.child.poll()}")
        self.kill()
        self.clients.say("down")

    def die_early(self):
        """Killed before it is ready: while it opens, migrates or deploys."""
        self.server.spawn()
        self.wait(self.draw.uniform(0, 0.12))
        if not self.server.running():
            raise Wrong("the server has ended by itself at its start")
        self.kill()

    def kill(self):
        self.server.kill()
        self.counts["kills"] += 1

    def wait(self, seconds):
        """Lets the load go on; returns early when the server ends."""
        try:
            self.server.child.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def fill_disk(self):
        self.control.write_text("0")
        self.wait(self.draw.uniform(0.02, 0.6))
        if self.draw.random() < 0.7:
            self.control.write_text("unlimited")
            self.wait(self.draw.uniform(0.02, 0.6))

    def hold(self):
        self.server.child.send_signal(signal.SIGSTOP)
        self.wait(self.draw.choice((0.01, 0.1, 0.5, 2.5)) * self.draw.random())
        if self.draw.random() < 0.7:
            self.server.child.send_signal(signal.SIGCONT)
            self.wait(self.draw.uniform(0.0, 0.4))

    def tell_progress(self, begin):
        """A line a minute."""
        now = time.monotonic() - begin
        if now < self.told_at + PROGRESS_S:
            return
        self.told_at = now
        print(f"{now:.0f} s: {json.dumps(self.counts)}", flush=True)

    def run(self):
        begin = time.monotonic()
        while self.counts["kills"] < self.kills:
            self.control.write_text("unlimited")
            self.life()
            self.tell_progress(begin)
        self.faults_s = time.monotonic() - begin
        self.check_faults()
        self.control.write_text("unlimited")
        self.server = self.make_server(faulty=False).start()
        self.clients.say("up " + self.server.address)
        self.clients.ask("settle")
        verdict = self.clients.ask("verify")
        if self.server.stop() != 0:
            raise Wrong("the server could not be stopped")
        self.clients.say("down")
        if found := reports(self.server.log_text()):
            raise Wrong(found)
        if code := self.clients.stop():
            raise Wrong(f"the clients have ended with {code}")
        self.check_files()
        self.total_s = time.monotonic() - begin
        return verdict

    def check_faults(self):
        """Each fault that was asked for has happened; a few kills have no room for all."""
        if self.kills <= len(FAULTS) + 1:
            return
        missing = [fault for fault in self.faults if fault in FAULTS and not self.counts[fault]]
        if missing:
            raise Wrong(f"these faults were not tried: {', '.join(missing)}")
        if self.counts["full"] >= 5 and "no space left" not in self.server.log_text():
            raise Wrong("the disk was made full, and no server has noticed")

    def check_files(self):
        for name in ("stele.sqlite", "stele-log.sqlite"):
            connection = sqlite3.connect(self.folder / "data" / name)
            answer = connection.execute("pragma integrity_check").fetchone()[0]
            connection.close()
            if answer != "ok":
                raise Wrong(f"{name} is damaged: {answer}")

    def close(self):
        self.clients.stop()
        if self.server and self.server.running():
            self.server.kill()


def parse():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or 1))
    parser.add_argument("--kills", type=int, default=int(os.environ.get("KILLS") or 300))
    parser.add_argument("--faults", default="all")
    parser.add_argument("--keep", action="store_true", help="keep the folder of the data")
    arguments = parser.parse_args()
    names = arguments.faults.split(",")
    arguments.faults = FAULTS if arguments.faults == "all" else tuple(n for n in names if n)
    unknown = set(arguments.faults) - set(FAULTS) - {"none"}
    if unknown:
        parser.error(f"unknown faults {sorted(unknown)}; there are {', '.join(FAULTS)} and none")
    return arguments


def main():
    arguments = parse()
    torture = Torture(arguments)
    complaints = []
    try:
        verdict = torture.run()
        complaints, number = verdict["complaints"], verdict["complaints_count"]
        figures = verdict["figures"]
        print(f"figures: {json.dumps(figures)}")
        print(f"seed {torture.seed}: {json.dumps(torture.counts)}, "
              f"{figures['acknowledged']} submissions acknowledged, "
              f"{figures['attempts']} attempts recorded, {torture.faults_s:.0f} s of faults, "
              f"{torture.total_s:.0f} s in all, {number} complaints")
    except (Wrong, AssertionError) as wrong:
        complaints = [str(wrong)]
    finally:
        torture.close()
    for complaint in complaints:
        print(f"seed {torture.seed}: {complaint}", file=sys.stderr)
    if complaints or arguments.keep:
        print(f"the data and the server's log are in {torture.folder}", file=sys.stderr)
    else:
        shutil.rmtree(torture.folder)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
