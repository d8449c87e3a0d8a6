// SPDX-License-Identifier: Apache-2.0
// Preloaded into a server by tests: makes the disk below one folder look full, or lose what was not
// synced when the process is killed.
//
// STELE_FAULT_ROOT     the folder
// STELE_FAULT_CONTROL  a file that holds either `unlimited` or the number of bytes by which files
//                      below the folder may still grow, counted from the start of the process. A
//                      write that would grow a file past that fails with ENOSPC and writes nothing.
//                      Overwriting bytes that a file already has is free, as on a real file system.
// STELE_FAULT_LOSE     a seed: each write is passed on, kept in memory until its file is synced, or
//                      both in parts of 512 bytes; some of what is kept is passed on early. SIGKILL
//                      loses the rest, in an order that has nothing to do with that of the writes.
//                      Files for shared memory (…-shm) are left alone. Names and truncations are
//                      not lost.
#pragma once

#include <pthread.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

/// What the program would have called.
struct RealCalls {
  ssize_t (*pread)(int, void*, size_t, off64_t);
  ssize_t (*pwrite)(int, const void*, size_t, off64_t);
  int (*fstat)(int, struct stat*);
};
const struct RealCalls* real(void);

int below_root(int fd, char* path, size_t size);

/// full_disk.c: true if the file may grow to `end`, and counts the growth; else errno is set.
int may_grow_to(int fd, long long end);

// lost_writes.c. A file that is not tracked is left to the real calls.
struct LostFile;
struct LostFile* lost_file_of(int fd);
ssize_t lost_write(struct LostFile* file, int fd, const char* bytes, size_t size, off64_t offset);
ssize_t lost_read(struct LostFile* file, int fd, char* bytes, size_t size, off64_t offset);
void lost_truncate(struct LostFile* file, off64_t size);
void lost_sync(struct LostFile* file);
/// Everything of every file, before the process ends by itself.
void lost_sync_all(void);
/// The size with what is kept.
void lost_correct_size(struct stat* status);
/// The file is about to be removed.
void lost_forget(const struct stat* status);
