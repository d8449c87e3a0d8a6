// SPDX-License-Identifier: Apache-2.0
// This machine's own limits, for the ratios of `make bench`: how often a second a 4 KiB append is
// made durable, and how often a one-row transaction of SQLite commits (WAL, synchronous=FULL).
//
//   store_limits FOLDER    prints {"appends_4k":…,"one_row_commits":…}
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <string>

namespace {

constexpr double seconds_each = 3;

double monotonic_seconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// How often a second `once` succeeds; 0 if it fails.
template <typename Once>
double rate(Once once) {
  const double begin = monotonic_seconds();
  long count = 0;
  double now = begin;
  for (; now - begin < seconds_each; now = monotonic_seconds()) {
    if (!once()) return 0;
    ++count;
  }
  return static_cast<double>(count) / (now - begin);
}

double appends(const std::string& folder) {
  const std::string path = folder + "/limit-append";
  const int file = open(path.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return 0;
  constexpr std::array<char, 4096> page{};
  const double found = rate([&] {
    return write(file, page.data(), page.size()) == static_cast<ssize_t>(page.size()) &&
           fdatasync(file) == 0;
  });
  close(file);
  unlink(path.c_str());
  return found;
}

double commits(const std::string& folder) {
  const std::string path = folder + "/limit.sqlite";
  for (const char* suffix : {"", "-wal", "-shm"}) unlink((path + suffix).c_str());
  sqlite3* database = nullptr;
  if (sqlite3_open(path.c_str(), &database) != SQLITE_OK) return 0;
  const auto run = [&](const char* sql) {
    return sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
  };
  double found = 0;
  if (run("pragma page_size=4096; pragma journal_mode=wal; pragma synchronous=full;"
          "create table row(id integer primary key, body blob)"))
    found = rate([&] { return run("insert into row(body) values(zeroblob(100))"); });
  sqlite3_close(database);
  for (const char* suffix : {"", "-wal", "-shm"}) unlink((path + suffix).c_str());
  return found;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: store_limits FOLDER\n");
    return 2;
  }
  mkdir(argv[1], 0700);
  const double appended = appends(argv[1]);
  const double committed = commits(argv[1]);
  if (appended == 0 || committed == 0) {
    fmt::print(stderr, "cannot write in {}\n", argv[1]);
    return 1;
  }
  fmt::print("{{\"appends_4k\":{:.0f},\"one_row_commits\":{:.0f}}}\n", appended, committed);
  return 0;
}
