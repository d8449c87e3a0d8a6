# SPDX-License-Identifier: Apache-2.0
import unittest

from tests.tree import EXPLAINED, SPDX, lines

USER = {"src/runtime/user.cc": SPDX + '#include "core/a.h"\n#include "store/sqlite/a.h"\n'}


class Spdx(unittest.TestCase):
    def test_first_line(self):
        for path, text in (("src/core/a.cc", SPDX), ("bridge/src/a.rs", SPDX),
                           ("tools/a.py", "# SPDX-License-Identifier: Apache-2.0\n"),
                           ("tools/a", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n")):
            self.assertEqual(lines({path: text}, "spdx"), [])
            self.assertEqual(lines({path: "\n\n" + text}, "spdx"), [1])


class Comment(unittest.TestCase):
    def check(self, text, expected, path="src/core/a.h"):
        self.assertEqual(lines({path: text} | USER, "header-comment"), expected)

    def test_says_four_things(self):
        self.check(EXPLAINED, [])
        for word in ("Owns", "Life cycle", "Thread", "Must hold"):
            self.check(EXPLAINED.replace(word, "Word"), [1])

    def test_may_follow_pragma_once_but_no_code(self):
        words = "// Owns a. Life cycle: b.\n// Thread: any.\n// Must hold: c.\n"
        self.check(SPDX + "#pragma once\n" + words, [])
        self.check(SPDX + "#pragma once\nstruct A;\n" + words, [1])

    def test_drivers_when_another_folder_includes_them(self):
        self.check(SPDX, [1], "src/store/sqlite/a.h")
        self.assertEqual(lines({"src/store/sqlite/a.h": SPDX,
                                "src/store/sqlite/a.cc": SPDX + '#include "store/sqlite/a.h"\n'},
                               "header-comment"), [])

    def test_other_layers_are_free(self):
        self.check(SPDX, [], "src/base/a.h")


class Use(unittest.TestCase):
    def test_pragma_once(self):
        self.assertEqual(lines({"src/base/a.h": SPDX + "#pragma once\n"}, "pragma-once"), [])
        self.assertEqual(lines({"src/base/a.h": SPDX + "// #pragma once\n"}, "pragma-once"), [1])

    def test_unused(self):
        files = {"src/base/a.h": SPDX, "src/base/b.cc": SPDX}
        self.assertEqual(lines(files, "unused-header"), [1])
        files["src/base/b.cc"] += '#include "base/a.h"\n'
        self.assertEqual(lines(files, "unused-header"), [])

    def test_own_header_comes_first(self):
        files = {"src/base/a.h": SPDX, "src/base/b.h": SPDX,
                 "src/base/a.cc": SPDX + '#include "base/b.h"\n#include "base/a.h"\n'}
        self.assertEqual(lines(files, "own-header"), [2])
        files["src/base/a.cc"] = SPDX + '#include "base/a.h"\n#include "base/b.h"\n'
        self.assertEqual(lines(files, "own-header"), [])


if __name__ == "__main__":
    unittest.main()
