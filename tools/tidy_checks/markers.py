# SPDX-License-Identifier: Apache-2.0
"""Exceptions: `// tidy: allow(rule) reason` on the line of a finding, or on the line above it."""
import re

from tidy_checks.source import Finding

MARKERS_MAX = 5
FILE_RULES = frozenset(("file-lines", "unused-header", "header-comment", "own-header"))
_MARKER = re.compile(r'(?://|#)\s*tidy:\s*allow\(([\w-]*)\)[ \t]*(.*)')


class Marker:
    def __init__(self, path, line, rule, reason):
        self.path, self.line, self.rule, self.reason = path, line, rule, reason
        self.used = False

    def covers(self, finding):
        if finding.path != self.path or finding.rule != self.rule:
            return False
        return self.rule in FILE_RULES or finding.line in (self.line, self.line + 1)


def markers_of(source):
    if "tidy:" not in source.text:
        return []
    found = []
    for match in _MARKER.finditer(source.text):
        line = source.line_at(match.start())
        found.append(Marker(source.path, line, match.group(1), match.group(2).strip()))
    return found


def apply(findings, markers, rules):
    """The findings that no marker excuses, and one for each marker that is wrong or too many."""
    left = []
    for finding in findings:
        marker = next((m for m in markers if m.covers(finding)), None)
        if marker is None:
            left.append(finding)
        else:
            marker.used = True
    for marker in markers:
        problem = _problem(marker, rules)
        if problem:
            left.append(Finding(marker.path, marker.line, "marker", problem))
    for marker in markers[MARKERS_MAX:]:
        message = f"{len(markers)} exceptions in the tree; at most {MARKERS_MAX} are allowed"
        left.append(Finding(marker.path, marker.line, "marker", message))
    return left


def _problem(marker, rules):
    if marker.rule not in rules:
        return f"there is no rule '{marker.rule}'"
    if not marker.reason:
        return f"an exception to '{marker.rule}' needs its reason after the parenthesis"
    if not marker.used:
        return f"nothing here breaks '{marker.rule}'; remove the exception"
    return None
