// SPDX-License-Identifier: Apache-2.0
// The SQLite driver with small limits, so that all of it is used in a short life.
#include "sim/disk.h"
#include "sim/vfs.h"
#include "store/sqlite/machine.h"
#include "store/sqlite/sqlite_store.h"

namespace stele::sim {
namespace {

constexpr std::string_view directory = "/sim";

class SqliteDisk final : public Disk, sqlite::Machine {
 public:
  explicit SqliteDisk(SqliteDiskSetup setup)
      : setup_(std::move(setup)),
        prng_(setup_.seed),
        files_(Prng(prng_.next())),
        vfs_(files_, setup_.choose),
        config_(draw_config()) {}

  Result<std::unique_ptr<Store>> open() override {
    vfs_.has_power = true;
    return open_sqlite_store(config_);
  }
  void crash() override {
    const bool process_only = vfs_.has_power && prng_.below(2) == 0;
    vfs_.has_power = false;
    files_.lose_power(process_only);
  }
  bool shared() const override { return false; }

  // The machine.
  std::int64_t monotonic_us() override {
    ticks_ += static_cast<std::int64_t>(prng_.below(400));
    return setup_.monotonic_us() + ticks_;
  }
  Result<sqlite::DirectoryLock> lock(const std::string& /*directory*/) override {
    return sqlite::DirectoryLock();
  }
  Result<sqlite::FileHead> read_head(const std::string& path) override;
  Result<void> create_private_file(const std::string& path) override;
  Result<void> publish_file(const std::string& from, const std::string& to,
                            const std::string& where) override;
  Result<void> sync_directory(const std::string& where) override;
  void remove_file(const std::string& path) override {
    if (vfs_.has_power) files_.remove(path);
  }

 private:
  SqliteConfig draw_config();
  Result<void> begin(IoCall call);

  SqliteDiskSetup setup_;
  Prng prng_;
  Files files_;
  Vfs vfs_;
  SqliteConfig config_;
  std::int64_t ticks_ = 0;
};

SqliteConfig SqliteDisk::draw_config() {
  const auto either = [this](auto a, auto b) { return prng_.below(3) > 0 ? a : b; };
  SqliteConfig config;
  config.directory = directory;
  config.machine = this;
  config.tail_events_max = either(std::uint64_t{50}, 5 + prng_.below(60));
  config.segment_entries_max = either(8U, 1U + static_cast<std::uint32_t>(prng_.below(16)));
  config.pack_queue_bytes_max = either(std::uint64_t{4} << 20U, std::uint64_t{500});
  config.readers_max = 1 + static_cast<std::uint32_t>(prng_.below(4));
  config.compress = prng_.below(2) == 0;
  config.canary = setup_.canary;
  set_wal_limit(config, either(std::uint64_t{64} << 10U, (32 + prng_.below(512)) << 10U));
  return config;
}

Result<void> SqliteDisk::begin(IoCall call) {
  const int code = vfs_.begin(call, SQLITE_IOERR);
  if (code == SQLITE_OK) return {};
  if (code == SQLITE_FULL) return fail(Code::resource_exhausted, "the disk is full");
  return fail(Code::unavailable, "an I/O error in the directory");
}

Result<sqlite::FileHead> SqliteDisk::read_head(const std::string& path) {
  sqlite::FileHead head;
  const std::shared_ptr<File> file = files_.find(path);
  if (!file) return head;
  head.present = true;
  head.size = static_cast<std::int64_t>(file->content().size());
  for (std::size_t at = 0; at < std::min(head.bytes.size(), file->content().size()); ++at)
    head.bytes[at] = static_cast<unsigned char>(file->content()[at]);
  return head;
}

Result<void> SqliteDisk::create_private_file(const std::string& path) {
  TRY(begin(IoCall::write));
  files_.create(path);
  return {};
}

Result<void> SqliteDisk::publish_file(const std::string& from, const std::string& to,
                                      const std::string& where) {
  TRY(begin(IoCall::sync));
  files_.find(from)->sync();
  TRY(begin(IoCall::write));
  files_.rename(from, to);
  return sync_directory(where);
}

Result<void> SqliteDisk::sync_directory(const std::string& /*where*/) {
  TRY(begin(IoCall::sync));
  files_.sync();
  return {};
}

}  // namespace

std::unique_ptr<Disk> make_sqlite_disk(SqliteDiskSetup setup) {
  return std::make_unique<SqliteDisk>(std::move(setup));
}

}  // namespace stele::sim
