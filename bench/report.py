# SPDX-License-Identifier: Apache-2.0
"""The limits of the machine, the table, the JSON, and the comparison with the baseline."""

import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

from measured import number, spread
from server import BUILD, DATA, ROOT

OUT = ROOT / "bench/out"
BASELINE = ROOT / "bench/baseline.json"
# A ratio that is so much worse than the baseline's is shown.
WORSE = 0.10


class Limits:
    """What the machine can do without Stele. Taken several times during a run; medians count."""

    def __init__(self):
        self.taken = {}

    def take(self, seconds):
        """What cannot be measured is left out, and said; rows that need it fail alone."""
        done = subprocess.run([BUILD / "stele_limits", f"folder={DATA / 'limits'}",
                               f"components={BUILD / 'components'}", f"seconds={seconds}"],
                              capture_output=True, text=True)
        if done.stderr:
            print(done.stderr.strip(), file=sys.stderr, flush=True)
        for name, said in json.loads(done.stdout or "{}").items():
            for key, value in said.items():
                self.taken.setdefault(name, {}).setdefault(key, []).append(value)

    def rates(self):
        return {name: statistics.median(said["rate"]) for name, said in self.taken.items()}

    def spreads(self):
        return {name: spread(said["rate"]) for name, said in self.taken.items()}

    def values(self):
        """For targets: rates, and percentiles as `<name>_<percentile>_ms`."""
        return self.rates() | {f"{name}_{key}": statistics.median(values)
                               for name, said in self.taken.items()
                               for key, values in said.items() if key.endswith("_ms")}


def filesystem(path):
    """Device and type of the file system below `path`."""
    best = ("", "unknown", "unknown")
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        device, point, kind = line.split()[:3]
        if str(path).startswith(point) and len(point) >= len(best[0]):
            best = (point, device, kind)
    return f"{best[2]} on {best[1]}"


def machine():
    cpu = [line.split(":", 1)[1].strip() for line in
           pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"cores": os.cpu_count(), "cpu": cpu[0] if cpu else platform.machine(),
            "memory_bytes": memory, "kernel": platform.release(), "filesystem": filesystem(DATA),
            "load_before": os.getloadavg()[0]}


def row_of(name, measured, values):
    """One row as the JSON has it; everything that depends on the limits is settled here."""
    figure = statistics.median(measured.figures)
    limit, limit_name = measured.limit, measured.limit_name
    if isinstance(limit, str):
        limit, limit_name = values[limit], limit
    elif callable(limit):
        limit = limit(values)
    target = measured.target(values) if callable(measured.target) else measured.target
    also = measured.also(values) if callable(measured.also) else list(measured.also)
    holds = figure >= target if measured.at_least else figure <= target
    return {"row": name, "figure": figure, "unit": measured.unit, "limit": limit,
            "ratio": figure / limit, "target": target,
            "holds": holds and all(each.holds() for each in also),
            "p50_ms": measured.times.get("p50_ms"), "p99_ms": measured.times.get("p99_ms"),
            "p999_ms": measured.times.get("p999_ms"), "cpu_s": measured.usage.get("cpu_s"),
            "bytes_written": measured.usage.get("bytes_written"),
            "rss_peak_bytes": measured.usage.get("rss_peak_bytes"),
            "repetitions": len(measured.figures), "spread": spread(measured.figures),
            "limit_name": limit_name, "at_least": measured.at_least,
            "also": [{"what": each.what, "figure": each.figure, "target": each.target,
                      "holds": each.holds()} for each in also],
            "note": "; ".join([*(each.text() for each in also), *filter(None, [measured.note])])}


def settled_row(name, measured, values):
    """Of a row that was measured, or of the reason why it was not."""
    if isinstance(measured, str):
        return failed_row(name, measured)
    try:
        return row_of(name, measured, values)
    except KeyError as missing:
        return failed_row(name, f"the limit {missing} could not be measured")


def failed_row(name, reason):
    keys = ("figure", "unit", "limit", "ratio", "target", "p50_ms", "p99_ms", "p999_ms", "cpu_s",
            "bytes_written", "rss_peak_bytes", "spread")
    return {"row": name, **dict.fromkeys(keys), "holds": False, "repetitions": 0, "note": reason}


def compared(row, baseline):
    """How the ratio stands to the stored one; empty without one."""
    before = baseline.get(row["row"])
    if before is None or row["ratio"] is None:
        return ""
    change = row["ratio"] / before - 1
    better = change >= -WORSE if row["at_least"] else change <= WORSE
    return f"{change:+.0%}" + ("" if better else " worse")


def cells(row, baseline):
    mebibytes = [None if row[key] is None else row[key] / (1 << 20)
                 for key in ("bytes_written", "rss_peak_bytes")]
    sign = "" if row["target"] is None else "≥ " if row["at_least"] else "≤ "
    return [row["row"], f"{number(row['figure'])} {row['unit'] or ''}",
            f"±{row['spread'] / 2:.0%}" if row["spread"] is not None else "-",
            f"{number(row['limit'])} {row.get('limit_name', '')}", number(row["ratio"]),
            f"{sign}{number(row['target'])}", "yes" if row["holds"] else "NO",
            f"{number(row['p50_ms'])}/{number(row['p99_ms'])}", number(row["cpu_s"]),
            number(mebibytes[0]), number(mebibytes[1]), compared(row, baseline)]


HEAD = ["row", "figure", "spread", "limit", "ratio", "target", "holds", "p50/p99 ms", "CPU s",
        "MiB written", "MiB peak", "baseline"]


def print_table(rows, baseline):
    lines = [HEAD] + [cells(row, baseline) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())
    for row in rows:
        if row["note"]:
            print(f"{row['row']}: {row['note']}")


def show_markdown():
    """The table of the last run, for docs/performance.md."""
    latest = read_json(OUT / "latest.json", None)
    if latest is None:
        return "bench/out/latest.json is not there: run `make bench` first"
    machine = latest["machine"]
    lines = [f"{machine['cores']} x {machine['cpu']}, Linux {machine['kernel']}, "
             f"{machine['filesystem']}, {machine['at'][:10]}.", "",
             "| limit | a second |", "|---|---|"]
    lines += [f"| `{name}` | {number(rate)} |" for name, rate in latest["limits"].items()]
    columns = range(len(HEAD) - 1)  # without the comparison
    lines += ["", "| " + " | ".join(HEAD[column] for column in columns) + " |",
              "|---" * len(columns) + "|"]
    for row in latest["rows"]:
        found = cells(row, {})
        lines.append("| " + " | ".join([f"`{found[0]}`", *found[1:-1]]) + " |")
    return "\n".join(lines)


def read_json(path, otherwise):
    return json.loads(path.read_text()) if path.exists() else otherwise


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n")


def keep_rows(rows):
    """The new rows, and those of earlier runs that were not measured now, as they were."""
    before = read_json(OUT / "latest.json", {"rows": []})["rows"]
    names = {row["row"] for row in rows}
    return [row for row in before if row["row"] not in names] + rows


def finish(machine, limits, rows, about):
    """Prints the table and writes the JSON; a quick run has a file of its own."""
    baseline = read_json(BASELINE, {})
    print(f"{machine['cores']} x {machine['cpu']}, {machine['filesystem']}, load "
          f"{machine['load_before']:.1f} before")
    for name, rate in limits.rates().items():
        print(f"limit {name:22} {rate:>14,.0f} /s  ±{limits.spreads()[name] / 2:.0%}")
    print_table(rows, baseline)
    for row in rows:
        row["at"] = about["at"]
    path = DATA / "quick.json" if about["quick"] else OUT / "latest.json"
    whole = rows if about["quick"] else keep_rows(rows)
    write_json(path, {"machine": {**machine, **about}, "limits": limits.rates(), "rows": whole})
    print(f"written to {path}")


def save_series(found, quick):
    """Points for bench/plot; of rows that were not measured now the earlier ones stay."""
    path = DATA / "quick-series.json" if quick else OUT / "series.json"
    series = read_json(path, {})
    for each in found.values():
        series.update(each)
    if series:
        write_json(path, series)


def save_baseline(rows):
    baseline = read_json(BASELINE, {})
    baseline.update({row["row"]: round(row["ratio"], 4) for row in rows
                     if row["ratio"] is not None})
    write_json(BASELINE, baseline)
