# SPDX-License-Identifier: Apache-2.0
"""The rows of `make bench-scale`: many executions or a large database first, under 30 minutes."""

import statistics
import time

from measured import Also, Measured
from rows import FAN, MIB, calibrated, steps_rate
from server import FLOWS, Failed, Server

SETTLE_S = 3
STANDSTILL_S = 30
DAY_MS = 86_400_000
BUDGET_MIB = 256  # --memory-budget, as it is by default
SUBMITS = 256     # in flight while there is much to submit
EVENTS = 1_000
ROOM = ("--queue-max", 20_000)  # what is in motion waits for its turn: that is the row
AFTER_RESTART_S = 20    # then it is looked whether all have moved
RESTART_LIMIT_S = 120


def settled_memory(server):
    """Resident bytes of an idle server."""
    server.wait_packed()
    time.sleep(SETTLE_S)
    return server.memory("VmRSS")


def wait_for(server, counter, target, progress):
    """Until a counter has come so far; fails once it stands still."""
    moved, said, before = time.monotonic(), time.monotonic(), -1
    while (now := server.counters()[counter]) < target:
        if now > before:
            moved, before = time.monotonic(), now
        if time.monotonic() - moved > STANDSTILL_S:
            raise Failed(f"{counter} stands still at {now:,} of {target:,} for {STANDSTILL_S} s")
        if time.monotonic() - said > 5:
            said = time.monotonic()
            progress.say(f"{counter} {now:,} of {target:,}")
        time.sleep(0.2)


def sleepers1m(options, progress):
    count = options.size(1_000_000, 5_000)
    with Server("empty") as empty:
        empty.stop()
        base = settled_memory(empty.start())
    with Server("sleepers") as server:
        for part in range(10):
            answer = server.flows("nap", DAY_MS, 1, total=count // 10, in_flight=SUBMITS, wait="no")
            progress.say(f"{(part + 1) * count // 10:,} submitted, {answer['rate']:,.0f}/s")
        wait_for(server, "store_entries", count, progress)  # each has stored its sleep
        progress.say("all asleep; packing")
        server.wait_packed()
        above, ready = [], []
        for _ in range(options.repetitions):
            server.stop()
            server.start()
            ready.append(server.ready_s)
            above.append((settled_memory(server) - base) / MIB)
            progress.say(f"{above[-1]:.1f} MiB above an empty server, ready in {ready[-1]:.2f} s")
        return Measured(above, "MiB", 32.0, 32.0, at_least=False, limit_name="target",
                        also=[Also("ready in s", statistics.median(ready), 0.5)],
                        usage=server.usage(), note=f"{count:,} sleepers after a restart")


class Motion:
    """Many workflows that go on and on, with the ids that they were given."""

    def __init__(self, server, count):
        self.server, self.count = server, count
        self.ids, self.positions = f"{server.folder}.ids", f"{server.folder}.positions"
        server.flows("seq", 1_000_000, total=count, in_flight=SUBMITS, wait="no", ids=self.ids)

    def seek(self, positions):
        """The next version of each, looked for from `positions` on."""
        self.write(positions)
        return self.server.load("progress", ids=self.ids, positions=self.positions)["next"]

    def moved_s(self, since_us):
        """Seconds from then to the first event of each; those without one are missing."""
        moved = self.server.load("progress", ids=self.ids, positions=self.positions,
                                 since_us=since_us)["moved_us"]
        return [(at - since_us) / 1e6 for at in moved if at]

    def write(self, positions):
        with open(self.positions, "w") as file:
            file.write("\n".join(map(str, positions)))


def wait_moved(motion, since_us, options, progress):
    """Seconds until each has moved; by the times of its events, so that looking late is no harm."""
    begin, moved = time.monotonic(), []
    while len(moved) < motion.count:
        if time.monotonic() - begin > RESTART_LIMIT_S:
            raise Failed(f"{motion.count - len(moved)} of {motion.count} workflows have not moved "
                         f"{RESTART_LIMIT_S} s after the restart")
        time.sleep(options.size(AFTER_RESTART_S, 5))
        moved = motion.moved_s(since_us)
        progress.say(f"{len(moved):,} of {motion.count:,} have moved")
    return moved


def restart10k(options, progress):
    count, events = options.size(10_000, 200), options.size(EVENTS, 300)
    first, last, at_kill, usage = [], [], [], {}
    with Server("restart10k", arguments=ROOM) as server:
        motion = Motion(server, count)
        progress.say(f"{count:,} submitted")
        wait_for(server, "attempts_started", count * (events // 3 + 1), progress)
        positions = [events * 9 // 10] * count
        for _ in range(options.repetitions):
            positions = motion.seek(positions)
            at_kill.append(statistics.median(positions))
            motion.write(positions)
            server.kill()
            server.start()
            since_us = server.spawned_us
            moved = wait_moved(motion, since_us, options, progress)
            first.append(min(moved))
            last.append(max(moved))
            progress.say(f"first progress after {first[-1]:.2f} s, all after {last[-1]:.1f} s")
        usage = server.usage()
    return Measured(last, "s", 15.0, 15.0, at_least=False, limit_name="target", usage=usage,
                    also=[Also("first progress in s", statistics.median(first), 1.0)],
                    note=f"from the process's start; {count:,} workflows, "
                    f"{statistics.median(at_kill):,.0f} events each, after a kill -9")


def in_motion(count, seconds, options, progress):
    """Steps a second of so many workflows in windows, and what it took."""
    rates = []
    with Server("in_motion", arguments=ROOM) as server:
        Motion(server, count)
        wait_for(server, "attempts_started", 2 * count, progress)
        for _ in range(options.repetitions):
            before, begin = server.counters()["attempts_started"], time.monotonic()
            time.sleep(seconds)
            made = server.counters()["attempts_started"] - before
            rates.append(made / (time.monotonic() - begin))
        return rates, server.usage(), server.counters()["evictions"]


def in_motion10k(options, progress):
    series, rates, few, usage, evictions = [], [], 0, {}, 0
    counts = options.size((100, 300, 1_000, 3_000, 10_000), (50, 200))
    seconds = options.size(5.0, 0.5)
    for count in counts:
        # The fewest before and after: a machine's rate changes over the minutes of this row.
        before, *_ = in_motion(counts[0], seconds, options, progress)
        rates, usage, evictions = in_motion(count, seconds, options, progress)
        after, *_ = in_motion(counts[0], seconds, options, progress)
        few = statistics.median(before + after)
        first = series[0][1] if series else 1e6 / few
        series.append([count, first * few / statistics.median(rates)])
        progress.say(f"{count:,} workflows: {statistics.median(rates):,.0f} steps/s, {few:,.0f} "
                     f"with few, {evictions:,} evictions, {usage['rss_peak_bytes'] / MIB:.0f} MiB")
    return Measured(rates, "steps/s", few, few / 1.5, usage=usage,
                    limit_name=f"with {counts[0]} beside",
                    also=[Also("peak memory in MiB", usage["rss_peak_bytes"] / MIB,
                               2 * BUDGET_MIB)],
                    series={"concurrent": series}, note=f"{evictions:,} evictions")


def fill(server, stored, wanted, progress):
    """Finished executions by fan-outs, and a few of one step for the lists."""
    server.flows("seq", 1, total=1_000, in_flight=64)
    stored += 2_000
    while stored < wanted:
        rounds = max(1, min(20, (wanted - stored) // (FAN + 1)))
        size = min(FAN, wanted - stored)
        answer = server.flows("fan", size, total=rounds, in_flight=2)
        stored += rounds * (size + 1)
        progress.say(f"{stored:,} stored, {rounds * size / answer['seconds']:,.0f}/s")
    server.wait_packed()
    return stored


def costs_beside_empty(server, flows, steps, options):
    """µs a step on an empty database and here, in turns: a machine's rate changes over the minutes
    in which a database is filled."""
    pairs = []
    with Server("empty") as empty:
        steps_rate(empty, flows, steps)
        for _ in range(options.repetitions):
            pair = []
            for each in (empty, server):
                each.wait_packed()
                pair.append(1e6 / steps_rate(each, flows, steps))
            pairs.append(pair)
    return pairs


def stored10m(options, progress):
    levels = options.size((10_000, 100_000, 1_000_000, 10_000_000), (5_000, 20_000))
    series, ratios, stored, flows = [], [], 0, 64
    with Server("stored10m") as server:
        steps = calibrated(server, flows, options.seconds, options.size(200, 50))
        for level in (0, *levels):
            if level:
                stored = fill(server, stored, level, progress)
            pairs = costs_beside_empty(server, flows, steps, options)
            stored += options.repetitions * flows * (steps + 1)
            ratios = [here / empty for empty, here in pairs]
            first = series[0][1] if series else statistics.median(empty for empty, _ in pairs)
            series.append([max(level, 1), first * statistics.median(ratios)])
            progress.say(f"{level:,} stored: " + ", ".join(
                f"{here:.1f} of {empty:.1f} µs" for empty, here in pairs) + " a step")
        lists = server.load("lists", ffqn=FLOWS + "seq", seconds=options.size(3.0, 0.3))
        worst = max(lists, key=lambda kind: lists[kind]["p99_ms"])
        progress.say(f"lists: {worst} p99 {lists[worst]['p99_ms']:.1f} ms")
        return Measured(ratios, "x", 1.0, 1.2, at_least=False,
                        limit_name="step on an empty database beside", series={"stored": series},
                        also=[Also(f"p99 of the slowest list ({worst}) in ms",
                                   lists[worst]["p99_ms"], 50.0)],
                        times={key: lists[worst][key] for key in ("p50_ms", "p99_ms", "p999_ms")},
                        usage=server.usage(), note=f"{stored:,} executions stored in the end; "
                        "lists, p50 in ms: " + ", ".join(
                            f"{kind} {said['p50_ms']:.1f}" for kind, said in lists.items()))


ROWS = {each.__name__: each for each in (sleepers1m, restart10k, in_motion10k, stored10m)}
