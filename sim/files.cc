// SPDX-License-Identifier: Apache-2.0
#include "sim/files.h"

#include <algorithm>

namespace stele::sim {
namespace {

constexpr std::size_t sector = 512;

}  // namespace

void File::apply(Bytes& content, std::size_t offset, BytesView bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size(), '\0');
  std::ranges::copy(bytes, content.begin() + static_cast<std::ptrdiff_t>(offset));
}

void File::write(std::size_t offset, BytesView bytes) {
  apply(now_, offset, bytes);
  pending_.push_back({.offset = offset, .bytes = Bytes(bytes)});
}

void File::truncate(std::size_t size) {
  if (size >= now_.size()) return;
  now_.resize(size);
  pending_.push_back({.size = size});
}

void File::sync() {
  for (const Change& change : pending_) {
    if (change.size)
      durable_.resize(std::min(durable_.size(), *change.size));
    else
      apply(durable_, change.offset, change.bytes);
  }
  pending_.clear();
  named = true;
}

std::shared_ptr<File> File::copy() const {
  auto made = std::make_shared<File>();
  made->now_ = now_;
  made->durable_ = durable_;
  made->pending_ = pending_;
  made->named = named;
  return made;
}

Bytes File::after_power_cut(Prng& prng, std::uint64_t kept) const {
  Bytes left = durable_;
  for (const Change& change : pending_) {
    const std::uint64_t drawn = prng.below(16);
    if (change.size) {
      if (drawn < kept) left.resize(std::min(left.size(), *change.size));
      continue;
    }
    const bool torn = drawn == kept && change.bytes.size() > sector;
    for (std::size_t at = 0; at < change.bytes.size(); at += sector) {
      const bool is_there = torn ? prng.below(2) == 0 : drawn < kept;
      if (is_there) apply(left, change.offset + at, BytesView(change.bytes).substr(at, sector));
    }
  }
  return left;
}

std::shared_ptr<File> Files::find(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : found->second;
}

std::shared_ptr<File> Files::create(const std::string& path) {
  return files_[path] = std::make_shared<File>();
}

void Files::rename(const std::string& from, const std::string& to) {
  const auto found = files_.find(from);
  if (found == files_.end()) return;
  files_[to] = found->second;
  files_.erase(found);
}

void Files::sync() {
  for (const auto& [path, file] : files_) file->named = true;
}

void Files::lose_power(bool process_only) {
  const std::uint64_t kept = draw(17);
  std::map<std::string, std::shared_ptr<File>> left;
  for (const auto& [path, file] : files_) {
    const bool lost = !process_only && !file->named && draw(2) == 0;
    if (lost) continue;
    std::shared_ptr<File> next =
        process_only ? file->copy() : std::make_shared<File>(file->after_power_cut(prng_, kept));
    next->named = next->named || !process_only;
    left.emplace(path, std::move(next));
  }
  files_ = std::move(left);
}

}  // namespace stele::sim
