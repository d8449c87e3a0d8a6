# SPDX-License-Identifier: Apache-2.0
"""How files open, and whether each header is used and stands alone."""
import re

RULES = ("spdx", "pragma-once", "header-comment", "unused-header", "own-header")
SPDX = "SPDX-License-Identifier: Apache-2.0"
SAYS = ("Owns", "Life cycle", "Thread", "Must hold")
SHOULD_BE_USED = ("src/", "sim/", "tests/", "bench/")
EXPLAINED = ("src/core", "src/store", "src/wasm", "src/runtime")


def check_spdx(source):
    first = source.lines[:2] if source.text.startswith("#!") else source.lines[:1]
    if any(SPDX in line for line in first):
        return []
    return [source.finding(1, "spdx", f"the first line is '{SPDX}' in a comment")]


def check_header(source, included_from):
    """`included_from` maps a header's path to the folders of src/ that include it."""
    found = []
    guarded = source.path.startswith("bridge/") and "#ifndef" in source.code  # plain C
    if "#pragma once" not in source.code and not guarded:
        found.append(source.finding(1, "pragma-once", "a header begins with #pragma once"))
    if _is_public(source, included_from) and not source.is_test:
        found += _comment(source)
    return found


def _is_public(source, included_from):
    """A header of the layer itself, or one of its drivers that another folder includes."""
    if source.folder in EXPLAINED:
        return True
    within = source.folder.startswith(tuple(folder + "/" for folder in EXPLAINED))
    others = {folder for folder in included_from.get(source.path, ())
              if folder != source.folder and folder.startswith("src")}
    return within and bool(others)


def _comment(source):
    opening = []
    for line in source.lines:
        text = line.strip()
        if text and not text.startswith(("//", "#pragma once")):
            break
        opening.append(text)
    comment = " ".join(opening).lower()
    missing = [word for word in SAYS if not re.search(rf"\b{word.lower()}\b", comment)]
    if not missing:
        return []
    message = "the opening comment does not say: " + ", ".join(missing)
    return [source.finding(1, "header-comment", message)]


def check_own_header(source, known):
    """x.cc includes x.h first: that is how each header is shown to compile alone."""
    header = source.path[:-len(source.suffix)] + ".h"
    if source.suffix != ".cc" or not source.path.startswith("src/") or header not in known:
        return []
    if source.includes and "src/" + source.includes[0].path == header:
        return []
    line = source.includes[0].line if source.includes else 1
    message = f'include "{header[4:]}" first, so that it is seen to compile alone'
    return [source.finding(line, "own-header", message)]


def includers(sources, known):
    """Header path -> folders of the files that include it, by the longest way its path can end."""
    by_end = {}
    for path in known:
        parts = path.split("/")
        for start in range(len(parts)):
            by_end.setdefault("/".join(parts[start:]), []).append(path)
    found = {}
    for source in sources:
        for include in source.includes:
            for path in by_end.get(include.path, ()):
                if path != source.path:
                    found.setdefault(path, set()).add(source.folder)
    return found


def check_unused(source, included_from):
    if source.path in included_from or not source.path.startswith(SHOULD_BE_USED):
        return []
    return [source.finding(1, "unused-header", "no file includes this header")]
