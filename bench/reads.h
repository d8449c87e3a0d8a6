// SPDX-License-Identifier: Apache-2.0
// Owns: what is asked of a server one call at a time: counters, lists, replays, histories.
// Life cycle: one question, one JSON text. Thread: one (progress() starts some and ends them).
// Must hold: figures of a history are the server's own times, not those of the questions.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace stele::bench {

/// How long no commit ended while the server was busy, for so many seconds.
Result<std::string> commit_stalls(const std::string& address, double seconds);
/// How long lists and searches take: newest, by function, by id and its prefix, the next page.
Result<std::string> list_times(const std::string& address, const std::string& ffqn, double seconds);
/// Seconds of each of `times` replays, and the events that were matched.
Result<std::string> replay_times(const std::string& address, const std::string& id,
                                 std::uint64_t times);
/// When each request of a history was made, in order, in microseconds.
Result<std::string> request_times(const std::string& address, const std::string& id);

struct ProgressQuestion {
  std::string address;
  std::vector<std::string> ids;
  std::vector<std::uint32_t> positions;  ///< first version wanted, for each id
  std::int64_t since_us = 0;
};
/// For each id: the version after its last one, and when its first event after `since_us` was made;
/// 0 if there is none.
Result<std::string> progress(const ProgressQuestion& question);

}  // namespace stele::bench
