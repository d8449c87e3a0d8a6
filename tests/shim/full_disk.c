// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faulty_disk.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long long grown = 0;

// The bytes that files may grow in all; -1 for no limit.
static long long budget(void) {
  const char* control = getenv("STELE_FAULT_CONTROL");
  if (control == NULL) return -1;
  const int fd = open(control, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  char text[32] = {0};
  const ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0 || strncmp(text, "unlimited", 9) == 0) return -1;
  return atoll(text);
}

// True if the file may grow to `end`; counts the growth.
int may_grow_to(int fd, long long end) {
  char path[PATH_MAX + 1];
  if (!below_root(fd, path, sizeof path)) return 1;
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
