// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "faulty_disk.h"

#define NEXT(name) \
  if (next == NULL) next = (__typeof__(next))dlsym(RTLD_NEXT, name)

const struct RealCalls* real(void) {
  static struct RealCalls calls;
  if (calls.fstat == NULL) {
    calls.pread = (ssize_t (*)(int, void*, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
    calls.pwrite = (ssize_t (*)(int, const void*, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    calls.fstat = (int (*)(int, struct stat*))dlsym(RTLD_NEXT, "fstat");
  }
  return &calls;
}

int below_root(int fd, char* path, size_t size) {
  const char* root = getenv("STELE_FAULT_ROOT");
  if (root == NULL) return 0;
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t got = readlink(link, path, size - 1);
  if (got <= 0) return 0;
  path[got] = '\0';
  return strncmp(path, root, strlen(root)) == 0;
}

static long long position(int fd) {
  if (fcntl(fd, F_GETFL) & O_APPEND) {
    struct stat status;
    return real()->fstat(fd, &status) == 0 ? status.st_size : 0;
  }
  const off_t at = lseek(fd, 0, SEEK_CUR);
  return at < 0 ? 0 : at;
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static ssize_t (*next)(int, const void*, size_t) = NULL;
  NEXT("write");
  if (!may_grow_to(fd, position(fd) + (long long)size)) return -1;
  return next(fd, bytes, size);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  static ssize_t (*next)(int, const struct iovec*, int) = NULL;
  NEXT("writev");
  long long size = 0;
  for (int i = 0; i < count; ++i) size += (long long)parts[i].iov_len;
  if (!may_grow_to(fd, position(fd) + size)) return -1;
  return next(fd, parts, count);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  if (!may_grow_to(fd, offset + (long long)size)) return -1;
  struct LostFile* file = lost_file_of(fd);
  if (file != NULL) return lost_write(file, fd, bytes, size, offset);
  return real()->pwrite(fd, bytes, size, offset);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return pwrite64(fd, bytes, size, offset);
}

ssize_t pread64(int fd, void* bytes, size_t size, off64_t offset) {
  struct LostFile* file = lost_file_of(fd);
  if (file != NULL) return lost_read(file, fd, bytes, size, offset);
  return real()->pread(fd, bytes, size, offset);
}

ssize_t pread(int fd, void* bytes, size_t size, off_t offset) {
  return pread64(fd, bytes, size, offset);
}

int ftruncate64(int fd, off64_t size) {
  static int (*next)(int, off64_t) = NULL;
  NEXT("ftruncate64");
  if (!may_grow_to(fd, size)) return -1;
  struct LostFile* file = lost_file_of(fd);
  if (file != NULL) lost_truncate(file, size);
  return next(fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int posix_fallocate64(int fd, off64_t offset, off64_t size) {
  static int (*next)(int, off64_t, off64_t) = NULL;
  NEXT("posix_fallocate64");
  if (!may_grow_to(fd, offset + size)) return ENOSPC;
  return next(fd, offset, size);
}

int posix_fallocate(int fd, off_t offset, off_t size) {
  return posix_fallocate64(fd, offset, size);
}

static void sync_kept(int fd) {
  struct LostFile* file = lost_file_of(fd);
  if (file != NULL) lost_sync(file);
}

int fsync(int fd) {
  static int (*next)(int) = NULL;
  NEXT("fsync");
  sync_kept(fd);
  return next(fd);
}

int fdatasync(int fd) {
  static int (*next)(int) = NULL;
  NEXT("fdatasync");
  sync_kept(fd);
  return next(fd);
}

// tidy: allow(function-parameters) those of the C library
void* mmap64(void* place, size_t size, int protection, int flags, int fd, off64_t offset) {
  static void* (*next)(void*, size_t, int, int, int, off64_t) = NULL;
  NEXT("mmap64");
  if (fd >= 0) sync_kept(fd);
  return next(place, size, protection, flags, fd, offset);
}

int fstat(int fd, struct stat* status) {
  const int code = real()->fstat(fd, status);
  if (code == 0) lost_correct_size(status);
  return code;
}

int fstat64(int fd, struct stat64* status) { return fstat(fd, (struct stat*)status); }

int stat(const char* restrict path, struct stat* restrict status) {
  static int (*next)(const char*, struct stat*) = NULL;
  NEXT("stat");
  const int code = next(path, status);
  if (code == 0) lost_correct_size(status);
  return code;
}

int stat64(const char* restrict path, struct stat64* restrict status) {
  return stat(path, (struct stat*)status);
}

int unlink(const char* path) {
  static int (*next)(const char*) = NULL;
  NEXT("unlink");
  struct stat status;
  if (stat(path, &status) == 0 && status.st_nlink == 1) lost_forget(&status);
  return next(path);
}

void _exit(int code) {
  static void (*next)(int) __attribute__((noreturn)) = NULL;
  NEXT("_exit");
  lost_sync_all();
  next(code);
}

__attribute__((destructor)) static void at_end(void) { lost_sync_all(); }
