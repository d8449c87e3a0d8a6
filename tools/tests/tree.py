# SPDX-License-Identifier: Apache-2.0
"""Small trees for the tests of the checks."""
from tidy_checks import run
from tidy_checks.source import Source

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
EXPLAINED = SPDX + "// Owns a. Life cycle: b. Thread: any. Must hold: c.\n#pragma once\n"
LAYERS = """
base: -
journal: base
core: base journal
store: base journal
runtime: base journal core store
store/sqlite: base journal store
server: base journal core store runtime store/sqlite
sim: base journal core store runtime store/sqlite
"""


def findings(files, rule=None):
    """What the checks say of {path: text}; with `rule`, only what that rule says."""
    found, _ = run.check_tree([Source(path, text) for path, text in files.items()], LAYERS)
    return [f for f in found if rule is None or f.rule == rule]


def lines(files, rule):
    return [f.line for f in findings(files, rule)]


def cpp(text, rule, path="src/runtime/a.cc"):
    """The lines that `rule` names in one C++ file, counted from the text's first line."""
    return [line - 1 for line in lines({path: SPDX + text}, rule)]
