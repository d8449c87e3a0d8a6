# SPDX-License-Identifier: Apache-2.0
"""Who may include what: src/layers.txt for our own headers, one home for each foreign one."""
import re

RULES = ("layer", "header-home", "include-path")
NOT_TESTS = ("sdk/", "samples/")


class Layers:
    """The table of src/layers.txt: folder -> the folders it may include."""

    def __init__(self, text):
        self.table = {}
        for line in text.split("\n"):
            match = re.match(r"([a-z][\w/]*):\s*(.*)", line)
            if match:
                self.table[match.group(1)] = set(match.group(2).split()) - {"-"}

    def folder_of(self, path):
        """The folder of the table that a path below src/ belongs to; None when there is none."""
        parts = path.split("/")[:-1]
        while parts and "/".join(parts) not in self.table:
            parts.pop()
        return "/".join(parts) or None


# A foreign header and where it may be included: path prefixes (None: anywhere but core).
# Tests, benchmarks and the simulator may include any.
HOMES = (
    (re.compile(r"sqlite3\w*\.h$"), ("src/store/sqlite/",)),
    (re.compile(r"(^|/)(stele_)?bridge\.h$"), ("src/wasm/wasmtime/", "bridge/")),
    (re.compile(r"^(grpcpp|grpc|grpc\+\+|absl)/|\.grpc\.pb\.h$"), ("src/api/grpc/",)),
    (re.compile(r"\.pb\.h$|^google/protobuf/"),
     ("src/journal/codec", "src/api/grpc/")),
    (re.compile(r"^(postgresql/)?libpq-fe\.h$"), ("src/store/postgres/",)),
    (re.compile(r"^nlohmann/"), None),
)


def check(source, layers, known):
    """`known` holds the paths of all headers of the tree."""
    found = []
    for include in source.includes:
        found += _path(source, include, known)
        found += _home(source, include, known)
        found += _layer(source, include, layers, known)
    return found


def _path(source, include, known):
    if ".." in include.path.split("/"):
        return [source.finding(include.line, "include-path", "no '..' in an include")]
    if not include.quoted or not source.path.startswith("src/") or "src/" + include.path in known:
        return []
    if f"{source.folder}/{include.path}" in known:
        return [source.finding(include.line, "include-path",
                               f'write "{source.folder[4:]}/{include.path}": paths begin at src/')]
    return []


def _home(source, include, known):
    of_tests = source.is_test or source.path.startswith("sim/")
    if of_tests or "src/" + include.path in known:
        return []
    for pattern, homes in HOMES:
        if not pattern.search(include.path):
            continue
        if homes is None and not source.path.startswith("src/core/"):
            return []
        if homes is not None and source.path.startswith(homes):
            return []
        where = "not in core" if homes is None else "only in " + " and ".join(homes)
        message = f"<{include.path}> is included {where}"
        return [source.finding(include.line, "header-home", message)]
    return []


def _layer(source, include, layers, known):
    if not include.quoted or "src/" + include.path not in known:
        return []
    if source.path.startswith(NOT_TESTS):
        return [source.finding(include.line, "layer", "samples and SDKs never include src/")]
    if source.path.startswith("src/"):
        own = layers.folder_of(source.path[4:])
    elif source.path.startswith("sim/"):
        own = "sim"
    else:
        return []
    if own is None:
        return [source.finding(1, "layer", f"src/layers.txt does not name {source.folder}")]
    target = layers.folder_of(include.path)
    if target == own or target in layers.table.get(own, ()):
        return []
    if source.is_test and source.path.startswith("src/"):
        return []  # a test may build on any driver; what the product links is not touched
    message = f"{own} may not include {target} (src/layers.txt)"
    return [source.finding(include.line, "layer", message)]
