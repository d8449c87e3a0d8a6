// SPDX-License-Identifier: Apache-2.0
// The calls of SQLite: each function is as https://sqlite.org/c3ref/io_methods.html asks.
#include "sim/vfs.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace stele::sim {
namespace {

/// An open file, in memory that SQLite has set aside for it.
struct Handle {
  sqlite3_file base;
  Vfs* vfs;
  std::shared_ptr<File>* file;
  bool uses_shm;
};

Handle& handle_of(sqlite3_file* raw) { return *reinterpret_cast<Handle*>(raw); }
Vfs& vfs_of(sqlite3_vfs* raw) { return *static_cast<Vfs*>(raw->pAppData); }

int shm_unmap(sqlite3_file* raw, int erases) {
  Handle& handle = handle_of(raw);
  if (!handle.uses_shm) return SQLITE_OK;
  handle.uses_shm = false;
  File& file = **handle.file;
  --file.shm_users;
  for (SharedLock& lock : file.shm_locks) {
    if (lock.exclusive == raw) lock.exclusive = nullptr;
    std::erase(lock.shared, raw);
  }
  if (erases != 0 && file.shm_users == 0) file.shm.clear();
  return SQLITE_OK;
}

int close(sqlite3_file* raw) {
  shm_unmap(raw, 0);
  Handle& handle = handle_of(raw);
  (*handle.file)->locks.erase(raw);
  delete handle.file;
  handle.file = nullptr;
  return SQLITE_OK;
}

int read(sqlite3_file* raw, void* out, int size, sqlite3_int64 offset) {
  const Handle& handle = handle_of(raw);
  if (!handle.vfs->has_power) return SQLITE_IOERR_READ;
  const Bytes& content = (*handle.file)->content();
  const auto wanted = static_cast<std::size_t>(size);
  const std::size_t from = std::min(static_cast<std::size_t>(offset), content.size());
  const std::size_t got = std::min(wanted, content.size() - from);
  std::memcpy(out, content.data() + from, got);
  std::memset(static_cast<char*>(out) + got, 0, wanted - got);
  return got == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* raw, const void* bytes, int size, sqlite3_int64 offset) {
  const Handle& handle = handle_of(raw);
  const BytesView all{static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
  const int code = handle.vfs->begin(IoCall::write, SQLITE_IOERR_WRITE);
  // Of a write that fails a part may have been done; all of it only if the device is to blame.
  const std::uint64_t parts = code == SQLITE_FULL ? 2 : 3;
  const std::size_t done =
      code == SQLITE_OK ? all.size() : handle.vfs->files().draw(parts) * (all.size() / 2);
  if (handle.vfs->has_power || code != SQLITE_IOERR)
    (*handle.file)->write(static_cast<std::size_t>(offset), all.substr(0, done));
  return code;
}

int truncate(sqlite3_file* raw, sqlite3_int64 size) {
  const Handle& handle = handle_of(raw);
  const int code = handle.vfs->begin(IoCall::write, SQLITE_IOERR_TRUNCATE);
  if (code == SQLITE_OK) (*handle.file)->truncate(static_cast<std::size_t>(size));
  return code;
}

int sync(sqlite3_file* raw, int /*flags*/) {
  const Handle& handle = handle_of(raw);
  const int code = handle.vfs->begin(IoCall::sync, SQLITE_IOERR_FSYNC);
  if (code == SQLITE_OK) (*handle.file)->sync();
  if (code == SQLITE_IOERR_FSYNC && handle.vfs->files().draw(2) == 0) (*handle.file)->forget();
  return code;
}

int file_size(sqlite3_file* raw, sqlite3_int64* size) {
  const Handle& handle = handle_of(raw);
  if (!handle.vfs->has_power) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>((*handle.file)->content().size());
  return SQLITE_OK;
}

int lock(sqlite3_file* raw, int level) {
  File& file = **handle_of(raw).file;
  for (const auto& [other, held] : file.locks) {
    if (other == raw || held == SQLITE_LOCK_NONE) continue;
    const bool fits = level == SQLITE_LOCK_SHARED
                          ? held < SQLITE_LOCK_PENDING
                          : (level == SQLITE_LOCK_RESERVED ? held < SQLITE_LOCK_RESERVED : false);
    if (!fits) return SQLITE_BUSY;
  }
  int& own = file.locks[raw];
  own = std::max(own, level);
  return SQLITE_OK;
}

int unlock(sqlite3_file* raw, int level) {
  int& own = (*handle_of(raw).file)->locks[raw];
  own = std::min(own, level);
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* raw, int* held) {
  *held = 0;
  for (const auto& [other, level] : (*handle_of(raw).file)->locks)
    if (level >= SQLITE_LOCK_RESERVED) *held = 1;
  return SQLITE_OK;
}

int control(sqlite3_file* /*raw*/, int /*what*/, void* /*about*/) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file* /*raw*/) { return 4096; }
int characteristics(sqlite3_file* /*raw*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int shm_map(sqlite3_file* raw, int region, int size, int extends, void volatile** out) {
  Handle& handle = handle_of(raw);
  *out = nullptr;
  if (!handle.vfs->has_power) return SQLITE_IOERR_SHMMAP;
  File& file = **handle.file;
  if (!handle.uses_shm) ++file.shm_users;
  handle.uses_shm = true;
  const auto place = static_cast<std::size_t>(region);
  if (file.shm.size() <= place && extends == 0) return SQLITE_OK;
  while (file.shm.size() <= place)
    file.shm.push_back(std::make_unique<Bytes>(static_cast<std::size_t>(size), '\0'));
  *out = file.shm[place]->data();
  return SQLITE_OK;
}

bool shm_fits(const SharedLock& lock, const void* own, bool exclusive) {
  if (lock.exclusive != nullptr && lock.exclusive != own) return false;
  if (!exclusive) return true;
  return std::ranges::all_of(lock.shared, [own](const void* other) { return other == own; });
}

int shm_lock(sqlite3_file* raw, int first, int count, int flags) {
  auto& all = (*handle_of(raw).file)->shm_locks;
  const auto begin = all.begin() + first;
  const auto end = begin + count;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    for (auto at = begin; at != end; ++at) {
      if (exclusive)
        at->exclusive = nullptr;
      else
        std::erase(at->shared, raw);
    }
    return SQLITE_OK;
  }
  for (auto at = begin; at != end; ++at)
    if (!shm_fits(*at, raw, exclusive)) return SQLITE_BUSY;
  for (auto at = begin; at != end; ++at) {
    if (exclusive)
      at->exclusive = raw;
    else
      at->shared.push_back(raw);
  }
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file* /*raw*/) {}

const sqlite3_io_methods methods = {2,
                                    close,
                                    read,
                                    write,
                                    truncate,
                                    sync,
                                    file_size,
                                    lock,
                                    unlock,
                                    check_reserved,
                                    control,
                                    sector_size,
                                    characteristics,
                                    shm_map,
                                    shm_lock,
                                    shm_barrier,
                                    shm_unmap,
                                    nullptr,
                                    nullptr};

int open(sqlite3_vfs* raw, const char* path, sqlite3_file* out, int flags, int* out_flags) {
  Vfs& vfs = vfs_of(raw);
  out->pMethods = nullptr;
  if (path == nullptr || !vfs.has_power) return SQLITE_CANTOPEN;
  std::shared_ptr<File> file = vfs.files().find(path);
  if (!file && (flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
  if (!file) file = vfs.files().create(path);
  new (out) Handle{{&methods}, &vfs, new std::shared_ptr<File>(std::move(file)), false};
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int remove(sqlite3_vfs* raw, const char* path, int /*durably*/) {
  Vfs& vfs = vfs_of(raw);
  const int code = vfs.begin(IoCall::write, SQLITE_IOERR_DELETE);
  if (code == SQLITE_OK) vfs.files().remove(path);
  return code;
}

int access(sqlite3_vfs* raw, const char* path, int flags, int* out) {
  Vfs& vfs = vfs_of(raw);
  if (!vfs.has_power) return SQLITE_IOERR_ACCESS;
  const std::shared_ptr<File> file = vfs.files().find(path);
  // As on a real one, an empty file is none.
  *out = file && (flags != SQLITE_ACCESS_EXISTS || !file->content().empty()) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs* /*raw*/, const char* path, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", path);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* raw, int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(vfs_of(raw).files().next());
  return size;
}

int sleep(sqlite3_vfs* /*raw*/, int us) { return us; }
int last_error(sqlite3_vfs* /*raw*/, int /*size*/, char* /*out*/) { return 0; }
int current_time(sqlite3_vfs* /*raw*/, double* out) {
  *out = 2'460'000.5;
  return SQLITE_OK;
}
int current_time_ms(sqlite3_vfs* /*raw*/, sqlite3_int64* out) {
  *out = 212'544'043'200'000;
  return SQLITE_OK;
}

}  // namespace

Vfs::Vfs(Files& files, std::function<IoFate(IoCall)> choose)
    : files_(files), choose_(std::move(choose)) {
  vfs_.iVersion = 2;
  vfs_.szOsFile = sizeof(Handle);
  vfs_.mxPathname = 256;
  vfs_.zName = "stele-sim";
  vfs_.pAppData = this;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  vfs_.xAccess = access;
  vfs_.xFullPathname = full_path;
  vfs_.xRandomness = randomness;
  vfs_.xSleep = sleep;
  vfs_.xCurrentTime = current_time;
  vfs_.xGetLastError = last_error;
  vfs_.xCurrentTimeInt64 = current_time_ms;
  sqlite3_vfs_register(&vfs_, 1);
  sqlite3_randomness(0, nullptr);  // its generator begins anew, from ours
}

Vfs::~Vfs() { sqlite3_vfs_unregister(&vfs_); }

int Vfs::begin(IoCall call, int error) {
  if (!has_power) return SQLITE_IOERR;
  switch (choose_(call)) {
    case IoFate::kept: return SQLITE_OK;
    case IoFate::full: return call == IoCall::write ? SQLITE_FULL : SQLITE_OK;
    case IoFate::failed: return error;
    case IoFate::cut: break;
  }
  has_power = false;
  return error;
}

}  // namespace stele::sim
