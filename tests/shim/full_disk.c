// SPDX-License-Identifier: Apache-2.0
// Preloaded into a server by tests: makes the disk below one folder look full.
//
// STELE_FAULT_ROOT names the folder, STELE_FAULT_CONTROL a file that holds either `unlimited` or
// the number of bytes by which files below the folder may still grow, counted from the start of the
// process. A write that would grow a file past that fails with ENOSPC and writes nothing.
// Overwriting bytes that a file already has is free, as on a real file system.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long long grown = 0;

static void* next_symbol(const char* name) { return dlsym(RTLD_NEXT, name); }

static int below_root(int fd) {
  const char* root = getenv("STELE_FAULT_ROOT");
  if (root == NULL) return 0;
  char link[64];
  char path[PATH_MAX + 1];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = readlink(link, path, PATH_MAX);
  if (size <= 0) return 0;
  path[size] = '\0';
  return strncmp(path, root, strlen(root)) == 0;
}

// The bytes that files may grow in all; -1 for no limit.
static long long budget(void) {
  static ssize_t (*real_read)(int, void*, size_t) = NULL;
  if (real_read == NULL) real_read = (ssize_t(*)(int, void*, size_t))next_symbol("read");
  const char* control = getenv("STELE_FAULT_CONTROL");
  if (control == NULL) return -1;
  const int fd = open(control, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  char text[32] = {0};
  const ssize_t size = real_read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0 || strncmp(text, "unlimited", 9) == 0) return -1;
  return atoll(text);
}

// True if the file may grow to `end`; counts the growth.
static int may_grow_to(int fd, long long end) {
  if (!below_root(fd)) return 1;
  struct stat status;
  if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || end <= status.st_size) return 1;
  const long long growth = end - status.st_size;
  pthread_mutex_lock(&lock);
  const long long limit = budget();
  const int fits = limit < 0 || grown + growth <= limit;
  if (fits) grown += growth;
  pthread_mutex_unlock(&lock);
  if (!fits) errno = ENOSPC;
  return fits;
}

static long long position(int fd) {
  if (fcntl(fd, F_GETFL) & O_APPEND) {
    struct stat status;
    return fstat(fd, &status) == 0 ? status.st_size : 0;
  }
  const off_t at = lseek(fd, 0, SEEK_CUR);
  return at < 0 ? 0 : at;
}

ssize_t write(int fd, const void* bytes, size_t size) {
  static ssize_t (*real)(int, const void*, size_t) = NULL;
  if (real == NULL) real = (ssize_t(*)(int, const void*, size_t))next_symbol("write");
  if (!may_grow_to(fd, position(fd) + (long long)size)) return -1;
  return real(fd, bytes, size);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) {
  static ssize_t (*real)(int, const void*, size_t, off64_t) = NULL;
  if (real == NULL) real = (ssize_t(*)(int, const void*, size_t, off64_t))next_symbol("pwrite64");
  if (!may_grow_to(fd, offset + (long long)size)) return -1;
  return real(fd, bytes, size, offset);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  return pwrite64(fd, bytes, size, offset);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  static ssize_t (*real)(int, const struct iovec*, int) = NULL;
  if (real == NULL) real = (ssize_t(*)(int, const struct iovec*, int))next_symbol("writev");
  long long size = 0;
  for (int i = 0; i < count; ++i) size += (long long)parts[i].iov_len;
  if (!may_grow_to(fd, position(fd) + size)) return -1;
  return real(fd, parts, count);
}

int ftruncate64(int fd, off64_t size) {
  static int (*real)(int, off64_t) = NULL;
  if (real == NULL) real = (int (*)(int, off64_t))next_symbol("ftruncate64");
  if (!may_grow_to(fd, size)) return -1;
  return real(fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int posix_fallocate64(int fd, off64_t offset, off64_t size) {
  static int (*real)(int, off64_t, off64_t) = NULL;
  if (real == NULL) real = (int (*)(int, off64_t, off64_t))next_symbol("posix_fallocate64");
  if (!may_grow_to(fd, offset + size)) return ENOSPC;
  return real(fd, offset, size);
}

int posix_fallocate(int fd, off_t offset, off_t size) {
  return posix_fallocate64(fd, offset, size);
}
