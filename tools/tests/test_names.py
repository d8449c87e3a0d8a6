# SPDX-License-Identifier: Apache-2.0
import unittest

from tests.tree import SPDX, cpp, findings


class Types(unittest.TestCase):
    def check(self, text, expected):
        self.assertEqual(cpp(text + "\n", "type-name"), expected, text)

    def test_empty_words(self):
        for name in ("Manager", "StoreManager", "RunHelper", "StringUtil", "PoolImpl", "GuestBase",
                     "RunData", "DataRow"):
            self.check(f"class {name} {{}};", [1])
            self.check(f"struct {name} final : A {{}};", [1])
        self.check("enum class RunData : int { a };", [1])

    def test_words_that_only_contain_them(self):
        for name in ("Database", "Baseline", "Utility", "Implied", "Metadata"):
            self.check(f"class {name} {{}};", [])

    def test_pascal_case(self):
        self.check("struct run_state {};", [1])
        self.check("enum class state { a };", [1])
        self.check("class [[nodiscard]] RunState {};", [])
        self.check('class CAPABILITY("mutex") Mutex {};', [])

    def test_specialisations_and_template_parameters_are_others_names(self):
        self.check("template <>\nstruct hash<A> {};", [])
        self.check("template <class value_type>\nvoid f(value_type a) {}", [])

    def test_forward_declarations_and_uses_are_not_named_here(self):
        self.check("void f() {\n  struct stat info {};\n  struct flock lock = {};\n}", [])
        self.check("struct sqlite3;\nvoid f(struct sqlite3* a) {}", [])


class Functions(unittest.TestCase):
    def check(self, text, expected, path="src/runtime/a.cc"):
        self.assertEqual(cpp(text + "\n", "function-name", path), expected, text)

    def test_verbs_that_say_nothing(self):
        self.check("void process(A a) {}", [1])
        self.check("void do_step() {}", [1])
        self.check("int A::process_input(int a) const { return a; }", [1])
        self.check("struct A {\n  void process() {}\n};", [2])

    def test_the_process_as_a_noun(self):
        self.check("int process_id() { return 1; }", [])
        self.check("void f() { do { g(); } while (a); }", [])

    def test_snake_case(self):
        self.check("void doIt() {}", [1])
        self.check("Status Service::Submit(A* a) { return b; }", [1])
        self.check("Status Service::Submit(A* a) { return b; }", [], "src/api/grpc/service.cc")

    def test_constructors_operators_and_macros_have_no_name_of_their_own(self):
        self.check("A::A(int a) : a_{a} {}\nA::~A() {}\n"
                   "bool operator==(A a, A b) { return true; }", [])
        self.check("class A {\n public:\n  explicit A(int a) {}\n  ~A() {}\n"
                   "  operator bool() const { return a_; }\n};", [])
        self.check("class A : public testing::Test {\n  void SetUp() override {}\n};", [])
        self.check("TEST(Store, Loads) {}", [], "src/store/a_test.cc")


class Others(unittest.TestCase):
    def test_enumerators(self):
        text = "enum class State {\n  ready,\n  Parked,\n  done = f(1, B),\n};\n"
        self.assertEqual(cpp(text, "enumerator-name"), [3])

    def test_members_of_classes(self):
        for text in ("int a;", "std::map<A, B> a;", "std::function<void(int)> a = f;", "A a{1};"):
            self.assertEqual(cpp("class A {\n private:\n" + text + "\n};\n", "member-name"), [3])
            self.assertEqual(cpp("struct A {\n" + text + "\n};\n", "member-name"), [])
        text = ("class A {\n public:\n  using B = int;\n  struct C {\n    int c;\n  };\n"
                "  static constexpr int limit = 1;\n  A& operator=(const A&) = delete;\n"
                "  virtual int f(int a) = 0;\n  int g() const { int a = 1; return a; }\n"
                " public:\n  const int kind;\n"
                " private:\n  int a_ = 1;\n  std::unique_ptr<C> c_;\n};\n")
        self.assertEqual(cpp(text, "member-name"), [])

    def test_files(self):
        self.assertEqual(cpp("", "file-name", "src/core/RunState.cc"), [0])
        self.assertEqual(cpp("", "file-name", "src/core/run_state.cc"), [])

    def test_glossary(self):
        found = findings({"src/core/a.cc": SPDX + "class ShardOwner {};\nvoid join_job() {}\n"})
        self.assertEqual([(f.line, f.rule) for f in found], [(2, "glossary"), (3, "glossary")])
        self.assertIn("partition", found[0].message)
        self.assertEqual(cpp("class PartitionOwner {};\n", "glossary"), [])
        self.assertEqual(cpp("class Shard {};\n", "glossary", "tests/a.cc"), [])


if __name__ == "__main__":
    unittest.main()
