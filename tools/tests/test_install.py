# SPDX-License-Identifier: Apache-2.0
"""tools/install as seen by a machine whose packages and programs are faked."""
import os
import pathlib
import subprocess
import tempfile
import unittest

INSTALL = pathlib.Path(__file__).resolve().parents[1] / "install"
ALL = ("g++ cmake ninja-build make git pkg-config python3 ccache mold clang-22 lld-22 wasi-libc "
       "ca-certificates "
       "libc++-22-dev-wasm32 libc++abi-22-dev-wasm32 libclang-rt-22-dev-wasm32 libgrpc++-dev "
       "libgrpc-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc libsqlite3-dev "
       "libsodium-dev libzstd-dev libcli11-dev libtomlplusplus-dev nlohmann-json3-dev libfmt-dev "
       "libspdlog-dev libmimalloc-dev libgtest-dev libbenchmark-dev librapidcheck-dev "
       "libclang-rt-22-dev").split()
ONLY_FOR_CHECK = ("libgtest-dev", "libbenchmark-dev", "librapidcheck-dev", "libclang-rt-22-dev")


class Install(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bin = pathlib.Path(folder.name)
        self.packages(ALL)
        for name in ("g++", "cmake", "clang-22", "cargo", "rustc"):
            self.program(name, "echo version 99.1.0")
        for name in ("apt-get", "sudo"):
            self.program(name, 'echo "$0 $*" >> "$(dirname "$0")/called"')
        self.candidates("99.1.0")

    def program(self, name, body):
        path = self.bin / name
        path.write_text("#!/bin/sh\n" + body + "\n")
        path.chmod(0o755)

    def packages(self, names):
        lines = "\n".join(f"{name} install ok installed" for name in names)
        self.program("dpkg-query", f"cat <<'END'\n{lines}\nxterm deinstall ok config-files\nEND")

    def candidates(self, version):
        self.program("apt-cache", f"printf 'x:\\n  Candidate: 1:{version}-3~deb12u1\\n'")

    def run_install(self, *arguments):
        environment = {"PATH": f"{self.bin}:{os.environ['PATH']}", "LC_ALL": "C"}
        return subprocess.run([INSTALL, *arguments], env=environment, check=False,
                              capture_output=True, text=True)

    def apt_was_called(self):
        return (self.bin / "called").exists()

    def test_nothing_missing_calls_no_apt(self):
        done = self.run_install()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Nothing is missing.", done.stdout)
        self.assertFalse(self.apt_was_called())

    def test_dry_run_names_what_is_missing_and_why(self):
        self.packages([p for p in ALL if p not in ("mold", "libgtest-dev")])
        done = self.run_install("--dry-run")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"mold +links quickly\n")
        self.assertRegex(done.stdout, r"libgtest-dev +runs the unit tests\n")
        self.assertIn("2 packages would be installed", done.stdout)
        self.assertFalse(self.apt_was_called())

    def test_the_demo_needs_no_test_libraries(self):
        self.packages([p for p in ALL if p not in ONLY_FOR_CHECK])
        self.assertIn("Nothing is missing.", self.run_install("--for", "demo", "--dry-run").stdout)
        self.assertIn("4 packages", self.run_install("--for", "check", "--dry-run").stdout)

    def test_the_slow_checks_need_two_programs_more(self):
        stdout = self.run_install("--for", "deep", "--dry-run").stdout
        self.assertIn("2 packages", stdout)
        self.assertRegex(stdout, r"clang-tidy-22 +looks for bugs")
        self.assertRegex(stdout, r"valgrind +runs a scenario")

    def test_installs_only_what_is_missing(self):
        self.packages([p for p in ALL if p != "mold"])
        self.assertEqual(self.run_install().returncode, 0)
        called = (self.bin / "called").read_text()
        self.assertIn("install -y --no-install-recommends mold\n", called)
        self.assertNotIn("ninja-build", called)

    def test_an_old_cargo_is_replaced_by_debians(self):
        self.program("cargo", "echo cargo 1.63.0")
        done = self.run_install("--dry-run")
        self.assertIn("cargo-web", done.stdout)
        self.assertIn("rustc-web", done.stdout)

    def test_conflicting_rust_package_is_named_not_removed(self):
        self.program("cargo", "echo cargo 1.63.0")
        self.packages(ALL + ["rustc"])
        done = self.run_install()
        self.assertEqual(done.returncode, 1)
        self.assertIn("'rustc' stands in the way", done.stderr)
        self.assertFalse(self.apt_was_called())

    def test_an_old_candidate_is_refused(self):
        self.program("cargo", "echo cargo 1.63.0")
        self.candidates("1.85.0")
        done = self.run_install()
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt offers cargo-web 1.85.0, and 1.95 is needed", done.stderr)
        self.assertNotIn(" install ", (self.bin / "called").read_text())

    def test_an_old_program_on_the_path_is_named(self):
        self.program("g++", "echo 'g++ (Debian) 11.4.0'")
        done = self.run_install()
        self.assertEqual(done.returncode, 1)
        self.assertIn("'g++' on the PATH is version 11.4.0, and 12.2 is needed", done.stderr)

    def test_a_failed_apt_says_what_to_do(self):
        self.packages([p for p in ALL if p != "mold"])
        for name in ("apt-get", "sudo"):
            self.program(name, "exit 100")
        done = self.run_install()
        self.assertEqual(done.returncode, 1)
        self.assertIn("Check the network", done.stderr)

    def test_wrong_arguments(self):
        self.assertEqual(self.run_install("--for", "fun").returncode, 2)
        self.assertEqual(self.run_install("--fast").returncode, 2)


if __name__ == "__main__":
    unittest.main()
