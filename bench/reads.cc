// SPDX-License-Identifier: Apache-2.0
#include "bench/reads.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <thread>

#include "api/grpc/client.h"
#include "bench/summary.h"

namespace stele::bench {
namespace {

using cli::ApiClient;
constexpr std::uint32_t page_max = 1'000;
constexpr std::uint32_t progress_page = 200;
constexpr std::size_t progress_threads = 4;
/// A counter is looked at so often; more often would take the processor from what is measured.
constexpr long look_ns = 500'000;

void pause_ns(long nanoseconds) {
  const timespec pause{.tv_sec = 0, .tv_nsec = nanoseconds};
  nanosleep(&pause, nullptr);
}

/// One look at the counter of commits.
struct Look {
  double sent = 0;
  double seen = 0;
  std::uint64_t commits = 0;
};

Result<Look> look(ApiClient& client) {
  Look made{.sent = monotonic_seconds()};
  const auto counters = TRY(client.counters());
  made.seen = monotonic_seconds();
  const auto found = counters.find("store_commits");
  made.commits = found == counters.end() ? 0 : found->second;
  return made;
}

Result<void> time_list(ApiClient& client, const cli::ListQuery& query, Summary& into) {
  const double begin = monotonic_seconds();
  TRY(client.list(query));
  into.add(monotonic_seconds() - begin);
  return {};
}

struct Progress {
  std::uint32_t next = 0;
  std::int64_t moved_us = 0;
};

Result<Progress> progress_of(ApiClient& client, const ProgressQuestion& question,
                             std::size_t place) {
  Progress found{.next = question.positions[place]};
  for (;;) {
    const auto page =
        TRY(client.events({.id = question.ids[place], .from = found.next, .limit = progress_page}));
    for (const cli::Item& item : page.items) {
      found.next = item.number + 1;
      if (question.since_us == 0 || item.at.us <= question.since_us) continue;
      found.moved_us = item.at.us;
      return found;
    }
    if (!page.more || page.items.empty()) return found;
  }
}

/// Every so-many-th id, so that threads share the work.
Result<void> progress_part(const ProgressQuestion& question, std::size_t first,
                           std::vector<Progress>& into) {
  const auto client = TRY(api::connect_grpc(question.address));
  for (std::size_t place = first; place < question.ids.size(); place += progress_threads)
    into[place] = TRY(progress_of(*client, question, place));
  return {};
}

}  // namespace

Result<std::string> commit_stalls(const std::string& address, double seconds) {
  const auto client = TRY(api::connect_grpc(address));
  const double begin = monotonic_seconds();
  Look first = TRY(look(*client));  // the first one that saw this number of commits
  Look last = first;
  double shown = 0;
  double proven = 0;
  Summary looks;
  while (last.seen - begin < seconds) {
    pause_ns(look_ns);
    const Look now = TRY(look(*client));
    looks.add(now.seen - last.seen);
    if (now.commits == first.commits) {
      proven = std::max(proven, now.sent - first.seen);
    } else {
      shown = std::max(shown, now.seen - first.seen);
      first = now;
    }
    last = now;
  }
  return fmt::format(R"({{"stall_ms":{:.3f},"proven_ms":{:.3f},"looks":{{{}}}}})", shown * 1e3,
                     proven * 1e3, looks.json());
}

Result<std::string> list_times(const std::string& address, const std::string& ffqn,
                               double seconds) {
  const auto client = TRY(api::connect_grpc(address));
  const auto first = TRY(client->list({.ffqn_prefix = {}, .id_prefix = {}, .cursor = {}}));
  if (first.executions.empty()) return fail(Code::failed_precondition, "there is nothing to list");
  const std::string& id = first.executions.back().id;
  constexpr std::size_t prefix = 12;
  const std::vector<std::pair<std::string, cli::ListQuery>> queries{
      {"newest", {.ffqn_prefix = {}, .id_prefix = {}, .cursor = {}}},
      {"with_children", {.ffqn_prefix = {}, .id_prefix = {}, .derived = true, .cursor = {}}},
      {"by_function", {.ffqn_prefix = ffqn, .id_prefix = {}, .cursor = {}}},
      {"by_id", {.ffqn_prefix = {}, .id_prefix = id, .cursor = {}}},
      {"by_id_prefix", {.ffqn_prefix = {}, .id_prefix = id.substr(0, prefix), .cursor = {}}},
      {"next_page", {.ffqn_prefix = {}, .id_prefix = {}, .cursor = first.next_cursor}},
  };
  std::vector<std::string> parts;
  for (const auto& [name, query] : queries) {
    Summary times;
    const double begin = monotonic_seconds();
    while (monotonic_seconds() - begin < seconds) TRY(time_list(*client, query, times));
    parts.push_back(fmt::format(R"("{}":{{{}}})", name, times.json()));
  }
  return fmt::format("{{{}}}", fmt::join(parts, ","));
}

Result<std::string> replay_times(const std::string& address, const std::string& id,
                                 std::uint64_t times) {
  const auto client = TRY(api::connect_grpc(address));
  std::vector<double> seconds;
  std::uint32_t events = 0;
  for (std::uint64_t time = 0; time < times; ++time) {
    const double begin = monotonic_seconds();
    const auto answer = TRY(client->replay(id));
    seconds.push_back(monotonic_seconds() - begin);
    events = answer.events;
    if (!answer.equal) return fail(Code::internal, answer.difference, id);
  }
  return fmt::format(R"({{"seconds":[{:.6f}],"events":{}}})", fmt::join(seconds, ","), events);
}

Result<std::string> request_times(const std::string& address, const std::string& id) {
  const auto client = TRY(api::connect_grpc(address));
  std::vector<std::int64_t> times;
  std::uint32_t next = 1;
  for (bool more = true; more;) {
    const auto page = TRY(client->events({.id = id, .from = next, .limit = page_max}));
    for (const cli::Item& item : page.items)
      if (item.kind == "join_set_request") times.push_back(item.at.us);
    more = page.more && !page.items.empty();
    next = page.next;
  }
  return fmt::format(R"({{"at_us":[{}]}})", fmt::join(times, ","));
}

Result<std::string> progress(const ProgressQuestion& question) {
  std::vector<Progress> found(question.ids.size());
  std::vector<Result<void>> ends(progress_threads);
  std::vector<std::thread> threads;
  for (std::size_t part = 0; part < progress_threads; ++part)
    threads.emplace_back([&, part] { ends[part] = progress_part(question, part, found); });
  for (std::thread& thread : threads) thread.join();
  for (const Result<void>& end : ends)
    if (!end) return std::unexpected(end.error());
  std::vector<std::uint32_t> next;
  std::vector<std::int64_t> moved;
  for (const Progress& each : found) {
    next.push_back(each.next);
    moved.push_back(each.moved_us);
  }
  return fmt::format(R"({{"next":[{}],"moved_us":[{}]}})", fmt::join(next, ","),
                     fmt::join(moved, ","));
}

}  // namespace stele::bench
