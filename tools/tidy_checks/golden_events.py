# SPDX-License-Identifier: Apache-2.0
"""Each kind of event and response occurs in an `events` block of some golden scenario."""
import re

from tidy_checks.source import Finding

RULES = ("golden-events",)
PATH = "tests/golden"
# As tests/golden/render.cc writes them, behind the version.
KINDS = (
    "persist kind 1", "persist kind 2", "persist kind 3", "persist kind 4",
    r"create #\d+ g:", r"create #\d+ n:",
    r"submit #\d+ child", r"submit .* refused: function not found",
    r"submit .* refused: type check",
    r"submit #\d+ delay \d+ now", r"submit #\d+ delay \d+ in", r"submit #\d+ delay \d+ at",
    r"call #\d+", r"sleep .* now", r"sleep .* in", r"sleep .* at",
    r"next #\d+$", r"next #\d+ for [^ ]+$",
    r"next #\d+: nothing left", r"next #\d+ for .*: nothing left",
    r"try #\d+ found", r"try #\d+ pending", r"try #\d+ all processed",
    "ending ok", "ending err", "ending failure", r"close #\d+ unawaited",
    r"response \d+ #\d+ child \d+ ok", r"response \d+ #\d+ child \d+ err",
    r"response .* failure cancelled", r"response .* failure uncategorized",
    r"response \d+ #\d+ delay \d+ fired", r"response \d+ #\d+ delay \d+ cancelled",
    r"attempt \d+ failed", r"attempt \d+ timed out",
    "cancellation requested", "paused by", "unpaused by",
    r"schedule [^ ]+ now", r"schedule [^ ]+ in", r"schedule [^ ]+ at",
    "schedule .* refused: function not found", "schedule .* refused: type check",
    r"stub [^ ]+$", "stub .* refused: conflict", "stub .* refused: type check",
    "stub .* refused: execution not found",
    "upgrade automatic", "upgrade manual", "upgrade forced", "upgrade failed",
)
_BLOCK = re.compile(r"^events [^\n]*\n(.*?)^end$", re.MULTILINE | re.DOTALL)
_EVENT = re.compile(r"^\s*v\d+ (.*)$", re.MULTILINE)


def events_of(text):
    return [event for block in _BLOCK.findall(text) for event in _EVENT.findall(block)]


def check(texts):
    """The findings of all scenarios together, of which `texts` are the contents."""
    events = [event for text in texts for event in events_of(text)]
    return [Finding(PATH, 1, RULES[0], f"no scenario shows the event '{kind}'")
            for kind in KINDS if not any(re.match(kind, event) for event in events)]
