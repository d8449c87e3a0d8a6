# SPDX-License-Identifier: Apache-2.0
"""What a row of the benchmark says, and the few things that all rows need to say it."""

import dataclasses
import statistics
import sys
import time


@dataclasses.dataclass
class Also:
    """A further condition of a row."""
    what: str
    figure: float
    target: float
    at_least: bool = False

    def holds(self):
        return self.figure >= self.target if self.at_least else self.figure <= self.target

    def text(self):
        sign = "≥" if self.at_least else "≤"
        return f"{self.what} {number(self.figure)} ({sign} {number(self.target)})"


@dataclasses.dataclass
class Measured:
    """`figures`: one of each repetition; their median counts. `limit` is a name of the machine's
    limits, or a number in the figure's unit; `target` is in the figure's unit too, and may be a
    function of the limits, as the further conditions may be."""
    figures: list
    unit: str
    limit: object
    target: object
    at_least: bool = True
    limit_name: str = ""
    also: object = ()
    times: dict = dataclasses.field(default_factory=dict)
    usage: dict = dataclasses.field(default_factory=dict)
    series: dict = dataclasses.field(default_factory=dict)
    note: str = ""


@dataclasses.dataclass
class Options:
    """How long and how often. `quick` is for working on the benchmark: its figures say nothing."""
    quick: bool = False
    repetitions: int = 3
    seconds: float = 3.0

    def size(self, whole, quick):
        return quick if self.quick else whole

    def repeat(self, once):
        return [once() for _ in range(self.repetitions)]


def number(value):
    if value is None:
        return "-"
    size = abs(value)
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if size < 100 else f"{value:.0f}"


def spread(figures):
    """(largest - smallest) / median."""
    middle = statistics.median(figures)
    return (max(figures) - min(figures)) / middle if middle else 0.0


class Progress:
    """A line for everything that lasts longer than a second."""

    def __init__(self, name):
        self.name, self.begin = name, time.monotonic()

    def say(self, text):
        print(f"  {self.name:16} {text} ({time.monotonic() - self.begin:.0f} s)", file=sys.stderr,
              flush=True)


def median_times(answers):
    """Medians over repetitions of the percentiles that a load said."""
    return {name: statistics.median(answer[name] for answer in answers)
            for name in ("p50_ms", "p99_ms", "p999_ms")}
