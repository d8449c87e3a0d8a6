// SPDX-License-Identifier: Apache-2.0
#include "torture/worker.h"

#include <fmt/format.h>

#include "api/grpc/client.h"
#include "base/check.h"

namespace stele::torture {
namespace {

constexpr std::size_t open_max = 16;
constexpr std::uint64_t pace_us = 16'000;

}  // namespace

Worker::Worker(Stage& stage, Recorder& recorder, std::uint64_t seed, std::size_t number)
    : stage_(stage), recorder_(recorder), draw_(seed * 1'000 + number), number_(number) {}

void Worker::run() {
  for (;;) {
    turn_ = stage_.turn();
    if (turn_.phase == Phase::stop) return;
    auto connected = api::connect_grpc(turn_.address);
    CHECK(connected.has_value());
    client_ = std::move(*connected);
    if (turn_.phase == Phase::load) {
      while (stage_.is_current(turn_)) load(turn_);
    } else if (turn_.phase == Phase::settle) {
      settle(turn_);
    } else {
      verify_all(turn_);
    }
  }
}

void Worker::load(const Turn& turn) {
  const std::uint64_t drawn = draw_.below(100);
  if (open_.empty() || (drawn < 30 && open_.size() < open_max)) {
    items_.push_back(new_item());
    open_.push_back(items_.size() - 1);
    submit(items_.back());
  } else if (drawn < 80) {
    watch(*draw_open());
  } else if (drawn < 95) {
    control(*draw_open());
  } else {
    submit_again(items_[draw_.below(items_.size())]);
  }
  const auto pause = microseconds(static_cast<std::int64_t>(draw_.below(pace_us)));
  (void)stage_.wait_for_change(turn, pause);
}

void Worker::settle(const Turn& turn) {
  while (stage_.is_current(turn) && !open_.empty()) {
    for (const std::size_t place : std::vector(open_)) {
      if (stage_.is_current(turn)) settle_one(items_[place]);
    }
    (void)stage_.wait_for_change(turn, milliseconds(20));
  }
  if (!open_.empty()) return;
  stage_.done();
  while (!stage_.wait_for_change(turn, seconds(60))) {
  }
}

void Worker::verify_all(const Turn& turn) {
  for (verified_ = 0; verified_ < items_.size() && stage_.is_current(turn);) {
    if (verify(items_[verified_])) ++verified_;
  }
  if (stage_.is_current(turn)) stage_.done();
  while (!stage_.wait_for_change(turn, seconds(60))) {
  }
}

}  // namespace stele::torture
