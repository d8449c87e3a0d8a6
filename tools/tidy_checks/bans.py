# SPDX-License-Identifier: Apache-2.0
"""What may not appear: the outside world in core and journal, stray threads, sleeps in tests, a TRY
that leaks.
"""
import itertools
import re

RULES = ("pure", "thread-header", "chrono", "using-namespace", "throw", "sleep", "try-in-braces")

THREAD_HEADERS = frozenset((
    "thread", "mutex", "condition_variable", "atomic", "shared_mutex", "future", "semaphore",
    "latch", "barrier", "stop_token", "pthread.h", "threads.h", "stdatomic.h"))
THREAD_HOMES = ("src/base/sync", "src/telemetry/", "src/runtime/threads/")
# Where real clocks and foreign deadlines are; all others take Instant and Duration.
CHRONO_HOMES = ("src/base/time", "src/base/sync", "src/telemetry/", "src/runtime/threads/",
                "src/api/grpc/")
PURE = ("src/core/", "src/journal/")
IMPURE_HEADERS = re.compile(
    r"^(random|fstream|filesystem|iostream|unordered_map|unordered_set|chrono|ctime|time\.h"
    r"|cstdio|stdio\.h|csignal|signal\.h|unistd\.h|fcntl\.h|poll\.h|dirent\.h|netdb\.h"
    r"|(sys|netinet|arpa|linux|boost|uv)/.*)$")
IMPURE_WORDS = re.compile(
    r"\b(float|double|unordered_(?:multi)?(?:map|set)"
    r"|(?:system|steady|high_resolution|utc)_clock|clock_gettime|gettimeofday"
    r"|getenv|secure_getenv|setenv|random_device|mt19937(?:_64)?|srand|rand"
    r"|fopen|thread_local|volatile|randombytes\w*|reinterpret_cast\s*<\s*u?intptr_t\s*>)\b")
POINTER_KEY = re.compile(
    r"\b(?:flat_)?(?:multi)?(?:map|set)\s*<\s*(?:const\s+)?[\w:]+"
    r"(?:\s+const)?\s*\*\s*(?:const\s*)?[,>]")
STATIC = re.compile(r"(?<![\w])static\s+([^;{}()=]*)([;{}()=])")
CONSTANT = re.compile(r"\b(const|constexpr)\b")
THROW = re.compile(r"\bthrow\b")
SLEEP = re.compile(
    r"\bthis_thread\s*::\s*sleep_(?:for|until)\b|\b(?:usleep|nanosleep)\b"
    r"|(?<![\w.>:])(?:::)?sleep\s*\(\s*\d")


def check(source):
    found = []
    if not source.is_test and source.path.startswith(("src/", "sim/")):
        found += _threads(source) + _chrono(source) + _throws(source)
    if source.path.startswith(PURE) and not source.is_test:
        found += _pure(source)
    of_tests = source.is_test and not (source.path.startswith("bench/") or "_bench" in source.stem)
    if of_tests or source.path.startswith("sim/"):
        found += _matches(source, SLEEP, "sleep", "tests wait for an event, they never sleep")
    found += _matches(source, re.compile(r"\busing\s+namespace\b"), "using-namespace",
                      "name what is used, not a whole namespace")
    return found + _tries(source)


def _matches(source, pattern, rule, message):
    return [source.at(m.start(), rule, message) for m in pattern.finditer(source.plain_code)]


def _tries(source):
    """When a TRY returns, gcc leaks the parts that braces or captures around it have made."""
    message = "take the TRY into a local before: gcc leaks the parts made before it"
    statements = _statement_braces(source.tokens)
    found, around = [], []  # of each open bracket: its index, and whether a comma stood in it
    for index, token in enumerate(source.tokens):
        if token.text in ("(", "[", "{"):
            around.append([index, False])
        elif token.text in (")", "]", "}") and around:
            around.pop()
        elif token.text == "," and around:
            around[-1][1] = True
        elif token.text == "TRY":
            parts = itertools.takewhile(lambda b: b[0] not in statements, reversed(around))
            if any(comma and source.tokens[at].text != "(" for at, comma in parts):
                found.append(source.at(token.offset, "try-in-braces", message))
    return found


def _statement_braces(tokens):
    """Indexes of the braces with a `;` of their own: they hold statements, initialisers do not."""
    holding, opened = set(), []
    for index, token in enumerate(tokens):
        if token.text in ("(", "[", "{"):
            opened.append(index)
        elif token.text in (")", "]", "}") and opened:
            opened.pop()
        elif token.text == ";" and opened and tokens[opened[-1]].text == "{":
            holding.add(opened[-1])
    return holding


def _threads(source):
    if source.path.startswith(THREAD_HOMES):
        return []
    message = "<{}> belongs to base/sync, telemetry or runtime/threads"
    return [source.finding(i.line, "thread-header", message.format(i.path))
            for i in source.includes if not i.quoted and i.path in THREAD_HEADERS]


def _chrono(source):
    if source.path.startswith(CHRONO_HOMES + PURE):
        return []
    message = "take Instant and Duration of base/time.h instead of <chrono>"
    return [source.finding(i.line, "chrono", message)
            for i in source.includes if not i.quoted and i.path == "chrono"]


def _throws(source):
    return _matches(source, THROW, "throw", "return a Result; CHECK for our own bugs")


def _pure(source):
    found = [source.finding(i.line, "pure", f"<{i.path}> is banned in core and journal")
             for i in source.includes
             if not i.quoted and (IMPURE_HEADERS.match(i.path) or i.path in THREAD_HEADERS)]
    for match in IMPURE_WORDS.finditer(source.plain_code):
        found.append(source.at(match.start(), "pure",
                               f"'{match.group(1)}' is banned in core and journal"))
    found += _matches(source, POINTER_KEY, "pure",
                      "a container ordered by a pointer differs from run to run")
    for match in STATIC.finditer(source.plain_code):
        if match.group(2) in ";={" and not CONSTANT.search(match.group(1)):
            found.append(source.at(match.start(), "pure", "a static that can change"))
    return found
