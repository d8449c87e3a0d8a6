// SPDX-License-Identifier: Apache-2.0
// Owns: short words for the inputs that tests of the partition give. Life cycle: none. Thread: any.
// Must hold: each builds exactly one input.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/partition_test_world.h"

namespace stele::core {

inline void submit(World& world, std::uint64_t id, FunctionId function) {
  Submit input;
  input.request = id;
  input.id = Ulid{0, id};
  input.function = function;
  input.params = "[1]";
  world.step(input);
}

inline RunRequest call(std::uint32_t set, FunctionId function = add_function) {
  DirectCall body;
  body.join_set = JoinSetOrdinal{set};
  body.one_off = set + 1;
  body.function = function;
  return {body, "[2]", "o:" + std::to_string(set + 1) + "-add"};
}
inline RunRequest create(std::uint32_t set) {
  return {JoinSetCreate{JoinSetOrdinal{set}, JoinSetKind::generated, std::to_string(set)}, {}, {}};
}
inline RunRequest child(std::uint32_t set, std::uint32_t index,
                        FunctionId function = add_function) {
  ChildRequest body;
  body.join_set = JoinSetOrdinal{set};
  body.index = index;
  body.function = function;
  return {body, "[3]", "g:" + std::to_string(set)};
}
inline RunRequest delay(std::uint32_t set, std::uint32_t index, Instant expires) {
  DelayRequest body;
  body.join_set = JoinSetOrdinal{set};
  body.index = index;
  body.expires = expires;
  return {body, {}, {}};
}
inline RunRequest sleep_for(std::uint32_t set, Instant expires) {
  Sleep body;
  body.join_set = JoinSetOrdinal{set};
  body.one_off = set + 1;
  body.name = "sleep";
  body.expires = expires;
  return {body, {}, {}};
}
inline RunRequest join_next(std::uint32_t set) {
  JoinNext body;
  body.join_set = JoinSetOrdinal{set};
  return {body, {}, {}};
}

inline Advanced advanced(const World& world, ExecutionKey key, std::uint32_t run,
                         std::vector<RunRequest> requests) {
  Advanced input;
  input.key = key;
  input.incarnation = world.incarnation();
  input.run = RunNumber{run};
  input.requests = std::move(requests);
  return input;
}
inline Advanced blocked(const World& world, ExecutionKey key, std::uint32_t run,
                        std::vector<RunRequest> requests, std::uint32_t set) {
  Advanced input = advanced(world, key, run, std::move(requests));
  input.state = RunState::blocked;
  input.set = JoinSetOrdinal{set};
  return input;
}
inline Advanced closing(const World& world, ExecutionKey key, std::uint32_t run,
                        std::vector<RunRequest> requests, std::uint32_t set) {
  Advanced input = blocked(world, key, run, std::move(requests), set);
  input.state = RunState::closing;
  return input;
}
inline Advanced ended(const World& world, ExecutionKey key, std::uint32_t run,
                      std::vector<RunRequest> requests, Outcome outcome) {
  Advanced input = advanced(world, key, run, std::move(requests));
  input.state = RunState::ended;
  input.outcome = std::move(outcome);
  return input;
}
inline AttemptEnded returned(const World& world, const StartAttempt& start, Outcome outcome) {
  AttemptEnded input;
  input.key = start.key;
  input.incarnation = world.incarnation();
  input.attempt = start.attempt;
  input.outcome = std::move(outcome);
  return input;
}

/// Reports the end of every attempt that was told to end. Answers how many.
inline std::size_t tear_down(World& world) {
  std::size_t torn = 0;
  for (const Interrupt& interrupt : world.take_now<Interrupt>()) {
    AttemptEnded input;
    input.key = interrupt.key;
    input.incarnation = world.incarnation();
    input.attempt = interrupt.run;
    input.kind = AttemptEnded::Kind::interrupted;
    world.step(input);
    ++torn;
  }
  return torn;
}

}  // namespace stele::core
