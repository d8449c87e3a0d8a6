// SPDX-License-Identifier: Apache-2.0
#include "runtime/log_buffer.h"

#include <iterator>

#include "telemetry/log.h"

namespace stele::runtime {
namespace {

constexpr std::size_t rows_per_write = 500;

}  // namespace

void LogBuffer::put(std::vector<LogRow> rows) {
  if (rows.empty()) return;
  {
    const Lock lock(mutex_);
    const std::size_t space = rows_max_ > rows_.size() ? rows_max_ - rows_.size() : 0;
    if (rows.size() > space) {
      dropped_ += rows.size() - space;
      rows.resize(space);
    }
    rows_.insert(rows_.end(), std::make_move_iterator(rows.begin()),
                 std::make_move_iterator(rows.end()));
  }
  signal_.notify_one();
}

bool LogBuffer::write(Store& store) {
  std::vector<LogRow> rows;
  {
    const Lock lock(mutex_);
    if (rows_.empty()) return false;
    const auto count = static_cast<std::ptrdiff_t>(std::min(rows_.size(), rows_per_write));
    rows.assign(std::make_move_iterator(rows_.begin()),
                std::make_move_iterator(rows_.begin() + count));
    rows_.erase(rows_.begin(), rows_.begin() + count);
  }
  const Result<void> written = store.append_logs(rows);
  if (written) return true;
  telemetry::log(telemetry::Level::warn, "log lines dropped",
                 {{"lines", std::to_string(rows.size())}, {"reason", written.error().reason}});
  const Lock lock(mutex_);
  dropped_ += rows.size();
  return true;
}

void LogBuffer::wait(Duration limit) {
  Lock lock(mutex_);
  if (rows_.empty()) signal_.wait_for(lock, limit);
}

std::uint64_t LogBuffer::dropped() const {
  const Lock lock(mutex_);
  return dropped_;
}

}  // namespace stele::runtime
