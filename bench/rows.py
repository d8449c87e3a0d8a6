# SPDX-License-Identifier: Apache-2.0
"""The rows of `make bench`: each on a server of its own, through its API, under five minutes."""

import statistics
import time

from measured import Also, Measured, median_times
from server import DEPLOYMENT, FLOWS, Failed, Server, run_program

CALLS = 33_334  # direct calls of a history of 100,000 events: each is three
FAN = 10_000
IN_FLIGHT = 64
MIB = 1 << 20
HISTORIES_LIMIT_S = 40


def steps_rate(server, flows, steps):
    """Steps a second of so many workflows at the same time."""
    answer = server.flows("seq", steps, total=flows, in_flight=flows)
    return flows * steps / answer["seconds"]


def calibrated(server, flows, seconds, first=200):
    """How many steps each of so many workflows makes in about so many seconds."""
    steps_rate(server, flows, first)
    return max(first, int(steps_rate(server, flows, first) * seconds / flows))


def sequential(name, flows, options, progress):
    """Rates, commits a step, and usage of so many workflows of sequential steps."""
    with Server(name) as server:
        steps = calibrated(server, flows, options.seconds, options.size(200, 50))
        before = server.counters()["store_commits"]
        rates = []
        for _ in range(options.repetitions):
            rates.append(steps_rate(server, flows, steps))
            progress.say(f"{rates[-1]:,.0f} steps/s")
        made = steps * flows * options.repetitions
        commits = (server.counters()["store_commits"] - before) / made
        return rates, commits, server.usage()


def seq(options, progress):
    rates, commits, usage = sequential("seq", 1, options, progress)
    return Measured(rates, "steps/s", "commit1", lambda limits: 0.75 * limits["commit1"],
                    also=[Also("commits a step", commits, 1.1)], usage=usage)


def par64(options, progress):
    rates, commits, usage = sequential("par64", IN_FLIGHT, options, progress)
    return Measured(rates, "steps/s", "steps64", 60_000, usage=usage,
                    note=f"{commits:.3f} commits a step")


def fan10000(options, progress):
    children = options.size(FAN, 1000)
    with Server("fan10000") as server:
        first = server.flows("fan", children, total=1)["seconds"]
        rounds = max(1, round(options.seconds / first))
        rates = []
        for _ in range(options.repetitions):
            answer = server.flows("fan", children, total=rounds)
            rates.append(children * rounds / answer["seconds"])
            progress.say(f"{rates[-1]:,.0f} children/s")
        return Measured(rates, "children/s", "steps1024", 60_000, usage=server.usage())


def one_step(name, in_flight, options, progress):
    """Answers of the load for workflows of one step, submitted and waited for."""
    with Server(name) as server:
        server.flows("seq", 1, in_flight=in_flight, seconds=options.seconds / 4)
        answers = []
        for _ in range(options.repetitions):
            answers.append(server.flows("seq", 1, in_flight=in_flight, seconds=options.seconds))
            progress.say(f"{answers[-1]['rate']:,.0f} workflows/s, "
                         f"p50 {answers[-1]['p50_ms']:.2f} ms")
        return answers, server.usage()


def api64(options, progress):
    answers, usage = one_step("api64", IN_FLIGHT, options, progress)
    return Measured([answer["rate"] for answer in answers], "workflows/s", "grpc_unary",
                    lambda limits: max(20_000, 0.4 * limits["grpc_unary"]),
                    times=median_times(answers), usage=usage)


def api1(options, progress):
    answers, usage = one_step("api1", 1, options, progress)
    times = median_times(answers)

    def also(limits):
        worst = max(10 * times["p50_ms"], 3 * limits["commit1_p999_ms"])
        return [Also("p99.9 in ms", times["p999_ms"], worst)]

    return Measured([answer["p50_ms"] for answer in answers], "ms",
                    lambda limits: 2 * limits["commit1_p50_ms"],
                    lambda limits: 2 * limits["commit1_p50_ms"] + 0.3, at_least=False,
                    limit_name="2 x commit1", also=also, times=times, usage=usage)


def replay_rates(answers, calls):
    return [calls / second for answer in answers for second in answer["seconds"]]


def replay_memory(options, progress):
    calls = options.size(CALLS, 2_000)
    answer = run_program("stele_replay", f"deployment={DEPLOYMENT}", f"ffqn={FLOWS}seq",
                         f"steps={calls}", "parents=4", f"times={options.repetitions + 1}")
    rates = replay_rates([answer], calls)[1:]  # the first one warms
    progress.say(f"{rates[-1]:,.0f} calls/s of {answer['events']:,} events")
    return Measured(rates, "calls/s", "bridge_calls", 1_000_000,
                    note="over the memory store, in one process")


def replay_sqlite(options, progress):
    calls, parents = options.size(CALLS, 2_000), max(2, options.repetitions)
    server, ids = Server("replay_sqlite"), None
    with server:
        path = str(server.folder) + ".ids"
        server.flows("seq", calls, total=parents, in_flight=parents, ids=path)
        progress.say(f"{parents} interleaved histories written")
        server.wait_packed()
        with open(path) as file:
            ids = file.read().split()
        server.stop()
        server.start()
        answers = [server.load("replay", id=each, times=1) for each in ids]
        rates = replay_rates(answers, calls)
        progress.say(f"{rates[-1]:,.0f} calls/s of {answers[-1]['events']:,} events")
        return Measured(rates, "calls/s", "bridge_calls", 500_000, usage=server.usage(),
                        note="each history for the first time after a restart")


def step_costs(costs, first, buckets=100):
    """Mean microseconds a step over event numbers from `first` on, in so many parts."""
    each = max(1, len(costs) // buckets)
    return [[3 * start, statistics.mean(costs[start:start + each])]
            for start in range(first, len(costs) - each + 1, each)]


def long_history(options, progress):
    calls = options.size(CALLS, 4_000)
    window, figures, early, series = calls // 16, [], [], []
    begin, first = time.monotonic(), 100 // 3
    with Server("long_history") as server:
        path = str(server.folder) + ".ids"
        # On a slow disk one history lasts for minutes; then it must do.
        while len(figures) < options.repetitions and \
                (not figures or time.monotonic() - begin < HISTORIES_LIMIT_S):
            server.flows("seq", calls, total=1, ids=path)
            with open(path) as file:
                at_us = server.load("requests", id=file.read().split()[0])["at_us"]
            if len(at_us) != calls:
                raise Failed(f"{len(at_us)} requests in the history, {calls} expected")
            costs = [after - before for before, after in zip(at_us, at_us[1:])]
            early.append(statistics.mean(costs[first:first + window]))
            figures.append(statistics.mean(costs[-window:]) / early[-1])
            series.append(step_costs(costs, first))
            progress.say(f"{early[-1]:.0f} µs at event 100, {figures[-1]:.2f} x that at the end")
        merged = [[points[0][0], statistics.median(cost for _, cost in points)]
                  for points in zip(*series)]
        return Measured(figures, "x", 1.0, 1.5, at_least=False, limit_name="cost at event 100",
                        usage=server.usage(), series={"event_number": merged},
                        note=f"{statistics.median(early):.0f} µs a step at event 100")


def start_ready(options, progress):
    Server("start_ready").start().end()  # compiles
    figures = []
    for _ in range(options.size(9, 3)):
        with Server("start_ready", keep=True) as server:
            figures.append(server.ready_s * 1e3)
            usage = server.usage()
            server.stop()
    progress.say(f"{statistics.median(figures):.0f} ms")
    return Measured(figures, "ms", 100.0, 100.0, at_least=False, limit_name="target", usage=usage)


def bytes_per_step(options, progress):
    kept, written, usage = [], [], {}
    for _ in range(options.repetitions):
        with Server("bytes_per_step") as server:
            steps = calibrated(server, IN_FLIGHT, options.seconds, options.size(200, 50))
            before_made = server.counters()["attempts_started"]
            before = server.bytes_written()
            steps_rate(server, IN_FLIGHT, steps)
            server.wait_packed()
            counters = server.counters()
            written.append((server.bytes_written() - before) /
                           (counters["attempts_started"] - before_made))
            usage = server.usage()
            server.stop()
            kept.append(server.database_bytes() / counters["attempts_started"])
            progress.say(f"{kept[-1]:.0f} bytes kept and {written[-1]:.0f} written a step")
    return Measured(kept, "bytes", 400.0, 400.0, at_least=False, limit_name="target",
                    also=[Also("bytes written a step", statistics.median(written), 2_000)],
                    usage=usage)


def commit_stall(options, progress):
    parts, answers = options.repetitions, []
    seconds = options.size(60.0, 3.0)
    with Server("commit_stall") as server:
        server.flows("seq", 50, total=IN_FLIGHT, in_flight=IN_FLIGHT)
        load = server.begin_load("flows", ffqn=FLOWS + "seq", params="[500]", in_flight=IN_FLIGHT,
                                 seconds=seconds + 2)
        time.sleep(0.5)
        for _ in range(parts):
            answers.append(server.load("stalls", seconds=seconds / parts))
            progress.say(f"{answers[-1]['stall_ms']:.1f} ms")
        _, complaint = load.communicate(timeout=600)
        if load.returncode != 0:
            raise Failed(f"the load ended: {complaint.strip()}")
        stalls = [answer["stall_ms"] for answer in answers]
        longest = max(stalls)
        proven = max(answer["proven_ms"] for answer in answers)
        look = max(answer["looks"]["p99_ms"] for answer in answers)
        # The longest of all parts counts, not their median.
        return Measured([longest], "ms", 50.0, 50.0, at_least=False, limit_name="target",
                        usage=server.usage(),
                        note=f"at least {proven:.1f} ms; looked every {look:.1f} ms (p99); parts "
                        + ", ".join(f"{stall:.0f}" for stall in stalls))


def overload2x(options, progress):
    figures, offered, refused, silent, answers = [], [], 0, 0, []
    # One connection's thread would be busy all the time, and measure how late it is itself.
    load = dict(seconds=options.seconds, connections=2)
    with Server("overload2x") as server:
        for _ in range(options.repetitions):
            server.flows("seq", 1, in_flight=8, seconds=options.seconds / 4)  # all is calm again
            calm = server.flows("seq", 1, in_flight=IN_FLIGHT, **load)
            answer = server.flows("seq", 1, in_flight=50_000, rate=2 * calm["rate"], **load)
            answers.append(answer)
            figures.append(answer["p99_ms"] / calm["p99_ms"])
            offered.append(answer["begun"] / options.seconds / calm["rate"])
            refused += answer["refused"]
            silent += answer["refused"] - answer["refused_with_retry"]
            progress.say(f"p99 {calm['p99_ms']:.1f} ms at {calm['rate']:,.0f}/s, "
                         f"{answer['p99_ms']:.1f} ms at {offered[-1]:.2f} x that; "
                         f"{answer['refused']:,} refused")
        usage = server.usage()
    also = [Also("refused without a retry-after", silent, 0),
            Also("offered x capacity", statistics.median(offered), 1.5, at_least=True),
            Also("peak memory in MiB", usage["rss_peak_bytes"] / MIB, 512)]
    return Measured(figures, "x", 1.0, 3.0, at_least=False, limit_name="p99 at capacity", also=also,
                    times=median_times(answers), usage=usage, note=f"{refused:,} refused")


ROWS = {each.__name__: each
        for each in (seq, par64, fan10000, api64, api1, replay_memory, replay_sqlite, long_history,
                     start_ready, bytes_per_step, commit_stall, overload2x)}
