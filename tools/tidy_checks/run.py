# SPDX-License-Identifier: Apache-2.0
"""Reads the tree, runs every check, prints what they find."""
import argparse
import os
import pathlib
import sys

from tidy_checks import bans, contract, golden_events, headers, layers, markers, names, sizes
from tidy_checks.source import CPP_SUFFIXES, Source

RULES = frozenset(
    layers.RULES + bans.RULES + sizes.RULES + names.RULES + headers.RULES + contract.RULES +
    golden_events.RULES)
SKIPPED_FOLDERS = frozenset(("build", "target", "node_modules", "__pycache__", "third_party"))
ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE_SUFFIXES = frozenset(CPP_SUFFIXES + (".rs", ".py", ".sh", ".cmake", ".proto"))
CODE_NAMES = frozenset(("CMakeLists.txt", "Makefile"))


def is_code(name, path):
    if name in CODE_NAMES or os.path.splitext(name)[1] in CODE_SUFFIXES:
        return True
    if "." in name:
        return False
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def read_tree(root):
    sources = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and
                            (not f.startswith(".") or f == ".ci"))
        for name in sorted(files):
            path = os.path.join(folder, name)
            if not is_code(name, path):
                continue
            text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
            sources.append(Source(os.path.relpath(path, root).replace(os.sep, "/"), text))
    return sources


def check_tree(sources, layers_text):
    """All findings of a tree, exceptions already taken out, in the order of files and lines."""
    table = layers.Layers(layers_text)
    known = {s.path for s in sources if s.is_header}
    cpp = [s for s in sources if s.is_cpp]
    included_from = headers.includers(cpp, known)
    findings, exceptions = [], []
    for source in sources:
        findings += headers.check_spdx(source) + sizes.check_file(source)
        if not source.path.startswith("tools/"):
            exceptions += markers.markers_of(source)
    for source in cpp:
        findings += sizes.check_functions(source) + names.check(source) + bans.check(source)
        findings += layers.check(source, table, known) + headers.check_own_header(source, known)
        if source.is_header:
            findings += headers.check_header(source, included_from)
            findings += headers.check_unused(source, included_from)
    findings = markers.apply(findings, exceptions, RULES)
    return sorted(findings, key=lambda f: (f.path, f.line, f.rule)), exceptions


def check_documents(root, sources):
    page = root / contract.PATH
    if not page.exists():
        return []
    scenarios = sorted(root.glob("tests/golden/*.scenario"))
    paths = [path.relative_to(root).as_posix() for path in scenarios]
    text = page.read_text(encoding="utf-8")
    found = contract.check(text, contract.tests_of(sources, paths))
    return found + golden_events.check(path.read_text(encoding="utf-8") for path in scenarios)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", help="print only what concerns these files or folders")
    parser.add_argument("--root", default=ROOT, type=pathlib.Path)
    parser.add_argument("--rules", action="store_true", help="list the rules")
    options = parser.parse_args(arguments)
    if options.rules:
        print("\n".join(sorted(RULES)))
        return 0
    sources = read_tree(options.root)
    findings, exceptions = check_tree(sources, (options.root / "src/layers.txt").read_text())
    findings = check_documents(options.root, sources) + findings
    if options.paths:
        wanted = tuple(p.rstrip("/") for p in options.paths)
        below = tuple(path + "/" for path in wanted)
        findings = [f for f in findings if f.path in wanted or f.path.startswith(below)]
    for finding in findings:
        print(finding)
    print(f"tidy: {len(sources)} files, {len(exceptions)} exceptions, {len(findings)} findings")
    return 1 if findings else 0
