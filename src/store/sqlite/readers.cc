// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite/readers.h"

#include <cstring>

#include <fmt/format.h>

#include "store/sqlite/values.h"

namespace stele::sqlite {

Result<std::unique_ptr<Reader>> Reader::open(const std::string& path, Machine& machine) {
  auto reader = std::make_unique<Reader>();
  reader->machine_ = &machine;
  reader->connection = TRY(Connection::open(path, Connection::Mode::read));
  for (int table = 1; table <= tail_tables; ++table) {
    const std::string sql =
        fmt::format("select execution, position, body from tail_{} where id = ?1", table);
    reader->tail(table) = TRY(reader->connection.prepare(sql));
  }
  return reader;
}

Result<Statement*> Reader::statement(const char* sql) {
  for (auto& [text, statement] : statements_) {
    if (text == sql || std::strcmp(text, sql) == 0) return &statement;
  }
  Statement prepared = TRY(connection.prepare(sql));
  return &statements_.emplace_back(sql, std::move(prepared)).second;
}

Result<Bytes> Reader::get_value(const Hash128& hash) {
  Statement& select = *TRY(statement("select bytes from blob where digest = ?1"));
  const Resetting resetting(select);
  const Bytes digest = value_digest(hash);
  select.bind_bytes(1, digest);
  if (!TRY(select.step())) return fail(Code::data_loss, "a large value is missing");
  return Bytes(select.bytes(0));
}

Result<std::unique_ptr<Reader>> Readers::take() {
  {
    Lock lock(mutex_);
    while (idle_.empty() && opened_ >= wiring_.readers_max) returned_.wait(lock);
    if (!idle_.empty()) {
      std::unique_ptr<Reader> reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
    ++opened_;
  }
  Result<std::unique_ptr<Reader>> reader = Reader::open(wiring_.path, *wiring_.machine);
  if (reader) return reader;
  const Lock lock(mutex_);
  --opened_;
  returned_.notify_one();
  return reader;
}

void Readers::give(std::unique_ptr<Reader> reader) {
  const Lock lock(mutex_);
  idle_.push_back(std::move(reader));
  returned_.notify_one();
}

Result<Reading> Reading::start(Readers& readers) {
  Reading reading(readers, TRY(readers.take()));
  TRY(reading.take_snapshot());
  return reading;
}

Result<void> Reading::take_snapshot() {
  Snapshots& snapshots = readers_->snapshots_;
  generation_ = snapshots.enter();
  while (!generation_) {
    // No commit may come: its steps may be waiting for this very read.
    readers_->wiring_.open_gate();
    generation_ = snapshots.enter();
    if (!generation_) snapshots.wait_at_gate(readers_->wiring_.gate_patience);
  }
  floor_ = readers_->wiring_.floor();
  // A transaction has its snapshot only from its first read on.
  TRY((*TRY(reader_->statement("begin"))).run());
  return (*TRY(reader_->statement("select value from meta where name = 'epoch'"))).run();
}

Reading::Reading(Reading&& other) noexcept
    : readers_(std::exchange(other.readers_, nullptr)),
      reader_(std::move(other.reader_)),
      generation_(other.generation_),
      floor_(other.floor_) {}

Reading::~Reading() {
  if (readers_ == nullptr) return;
  reader_->connection.roll_back();
  if (generation_) readers_->snapshots_.leave(*generation_);
  readers_->give(std::move(reader_));
}

}  // namespace stele::sqlite
