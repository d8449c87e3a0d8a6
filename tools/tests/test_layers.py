# SPDX-License-Identifier: Apache-2.0
import unittest

from tests.tree import EXPLAINED, SPDX, cpp, lines
from tidy_checks.layers import Layers

HEADERS = {path: EXPLAINED for path in (
    "src/base/result.h", "src/core/partition.h", "src/store/store.h", "src/store/sqlite/driver.h",
    "src/runtime/executor.h")}


def include(path, header, rule="layer"):
    return lines(HEADERS | {path: SPDX + f'#include "{header}"\n'}, rule)


class Layer(unittest.TestCase):
    def test_along_the_table(self):
        self.assertEqual(include("src/core/a.cc", "base/result.h"), [])
        self.assertEqual(include("src/core/a.cc", "core/partition.h"), [])
        self.assertEqual(include("src/runtime/a.cc", "store/store.h"), [])

    def test_against_the_table(self):
        self.assertEqual(include("src/core/a.cc", "store/store.h"), [2])
        self.assertEqual(include("src/base/a.cc", "core/partition.h"), [2])
        self.assertEqual(include("src/store/sqlite/a.cc", "core/partition.h"), [2])

    def test_drivers_are_for_themselves_server_tests_bench_and_sim(self):
        header = "store/sqlite/driver.h"
        self.assertEqual(include("src/runtime/a.cc", header), [2])
        self.assertEqual(include("src/store/a.cc", header), [2])
        for path in ("src/store/sqlite/a.cc", "src/server/a.cc", "tests/conformance/a.cc",
                     "bench/a.cc", "sim/a.cc", "src/runtime/a_test.cc"):
            self.assertEqual(include(path, header), [], path)

    def test_sim_follows_its_row(self):
        self.assertEqual(include("sim/a.cc", "core/partition.h"), [])
        files = {"src/server/config.h": EXPLAINED,
                 "sim/a.cc": SPDX + '#include "server/config.h"\n'}
        self.assertEqual(lines(files, "layer"), [2])

    def test_samples_never_include_the_product(self):
        self.assertEqual(include("samples/hello/a.cc", "base/result.h"), [2])

    def test_unknown_folder(self):
        self.assertEqual(include("src/extra/a.cc", "base/result.h"), [1])

    def test_table_is_read(self):
        table = Layers("# words\nbase: -\nstore/sqlite: base store\n").table
        self.assertEqual(table, {"base": set(), "store/sqlite": {"base", "store"}})


class Homes(unittest.TestCase):
    def check(self, path, header, expected):
        found = cpp(f"#include <{header}>\n", "header-home", path)
        self.assertEqual(found, expected, (path, header))

    def test_each_foreign_header_has_one_home(self):
        for header, home in (("sqlite3.h", "src/store/sqlite/"),
                             ("libpq-fe.h", "src/store/postgres/"),
                             ("stele/bridge.h", "src/wasm/wasmtime/"),
                             ("bridge.h", "src/wasm/wasmtime/"),
                             ("grpcpp/grpcpp.h", "src/api/grpc/"),
                             ("stele/v1/execution.grpc.pb.h", "src/api/grpc/"),
                             ("stele/journal/v1/journal.pb.h", "src/journal/codec")):
            self.check(home + "a.cc", header, [])
            self.check("src/server/a.cc", header, [1])
            self.check("src/core/a.cc", header, [1])
            self.check("bench/a.cc", header, [])

    def test_json_is_anywhere_but_in_core(self):
        self.check("src/core/a.cc", "nlohmann/json.hpp", [1])
        self.check("src/server/a.cc", "nlohmann/json.hpp", [])

    def test_plain_messages_also_in_the_grpc_folder(self):
        self.check("src/api/grpc/a.cc", "stele/v1/execution.pb.h", [])
        self.check("src/journal/entry.cc", "stele/journal/v1/journal.pb.h", [1])


class Paths(unittest.TestCase):
    def test_no_way_up(self):
        self.assertEqual(include("src/core/a.cc", "../base/result.h", "include-path"), [2])

    def test_from_src(self):
        self.assertEqual(include("src/core/a.cc", "partition.h", "include-path"), [2])
        self.assertEqual(include("src/core/a.cc", "core/partition.h", "include-path"), [])

    def test_an_include_in_a_comment_is_none(self):
        text = '// #include "../a.h"\n/*\n#include "../a.h"\n*/\n'
        self.assertEqual(cpp(text, "include-path"), [])


if __name__ == "__main__":
    unittest.main()
