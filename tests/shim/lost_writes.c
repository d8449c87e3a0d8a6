// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "faulty_disk.h"

enum { part_bytes = 512, buckets_count = 4096, files_max = 64 };

struct Part {
  struct Part* next;
  long long number;
  char bytes[part_bytes];
};

struct LostFile {
  int used;
  int tracked;
  dev_t device;
  ino_t inode;
  off64_t size;  // with what is kept
  size_t kept;
  int fd;  // its own; never closed while the file lives, because that would drop the locks
  struct Part** buckets;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct LostFile files[files_max];
static unsigned long long draw_state;

static unsigned long long draw(void) {
  draw_state ^= draw_state << 13;
  draw_state ^= draw_state >> 7;
  draw_state ^= draw_state << 17;
  return draw_state;
}

static int is_on(void) {
  static int known = -1;
  if (known >= 0) return known;
  const char* seed = getenv("STELE_FAULT_LOSE");
  draw_state = seed == NULL ? 1 : strtoull(seed, NULL, 10) | 1;
  known = seed != NULL;
  return known;
}

static struct LostFile* find(dev_t device, ino_t inode) {
  for (int i = 0; i < files_max; ++i) {
    struct LostFile* file = &files[i];
    if (file->used && file->device == device && file->inode == inode) return file;
  }
  return NULL;
}

static struct LostFile* add(int fd, const struct stat* status) {
  struct LostFile* file = NULL;
  for (int i = 0; i < files_max && file == NULL; ++i) {
    if (!files[i].used) file = &files[i];
  }
  if (file == NULL) return NULL;
  char path[PATH_MAX + 1];
  const int below = below_root(fd, path, sizeof path);
  const size_t length = below ? strlen(path) : 0;
  const int shared = length > 4 && strcmp(path + length - 4, "-shm") == 0;
  *file = (struct LostFile){.used = 1,
                            .tracked = below && !shared,
                            .device = status->st_dev,
                            .inode = status->st_ino,
                            .size = status->st_size,
                            .fd = -1};
  if (!file->tracked) return file;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  file->fd = open(path, O_RDWR | O_CLOEXEC);
  file->buckets = calloc(buckets_count, sizeof(struct Part*));
  return file;
}

struct LostFile* lost_file_of(int fd) {
  if (!is_on()) return NULL;
  struct stat status;
  if (real()->fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return NULL;
  pthread_mutex_lock(&lock);
  struct LostFile* file = find(status.st_dev, status.st_ino);
  if (file == NULL) file = add(fd, &status);
  pthread_mutex_unlock(&lock);
  return file != NULL && file->tracked ? file : NULL;
}

static struct Part** place_of(struct LostFile* file, long long number) {
  struct Part** place = &file->buckets[number % buckets_count];
  while (*place != NULL && (*place)->number != number) place = &(*place)->next;
  return place;
}

static void drop(struct LostFile* file, struct Part** place) {
  struct Part* part = *place;
  *place = part->next;
  free(part);
  --file->kept;
}

static void write_back(struct LostFile* file, struct Part** place) {
  struct Part* part = *place;
  const off64_t begin = part->number * part_bytes;
  const off64_t left = file->size - begin;
  const size_t size = left < part_bytes ? (size_t)left : part_bytes;
  if (left > 0 && real()->pwrite(file->fd, part->bytes, size, begin) != (ssize_t)size) abort();
  drop(file, place);
}

// The part as the program sees it.
static struct Part* kept_part(struct LostFile* file, int fd, long long number) {
  struct Part** place = place_of(file, number);
  if (*place != NULL) return *place;
  struct Part* part = calloc(1, sizeof *part);
  part->number = number;
  (void)!real()->pread(fd, part->bytes, part_bytes, number * part_bytes);
  *place = part;
  ++file->kept;
  return part;
}

static void write_some_back(struct LostFile* file) {
  const unsigned long long first = draw() % buckets_count;
  for (unsigned i = 0; i < 64; ++i) {
    struct Part** place = &file->buckets[(first + i) % buckets_count];
    while (*place != NULL && draw() % 4 != 0) write_back(file, place);
  }
}

// Bytes of one part.
struct Piece {
  const char* bytes;
  size_t size;
  off64_t offset;
};

static int write_piece(struct LostFile* file, int fd, struct Piece piece, int keep) {
  const long long number = piece.offset / part_bytes;
  if (!keep && *place_of(file, number) == NULL)
    return real()->pwrite(fd, piece.bytes, piece.size, piece.offset) == (ssize_t)piece.size;
  struct Part* part = kept_part(file, fd, number);
  memcpy(part->bytes + piece.offset % part_bytes, piece.bytes, piece.size);
  if (!keep) write_back(file, place_of(file, number));
  return 1;
}

static size_t in_part(off64_t at, size_t left) {
  const size_t length = part_bytes - (size_t)(at % part_bytes);
  return length < left ? length : left;
}

ssize_t lost_write(struct LostFile* file, int fd, const char* bytes, size_t size, off64_t offset) {
  pthread_mutex_lock(&lock);
  const unsigned long long mood = draw() % 4;
  if (offset + (off64_t)size > file->size) file->size = offset + (off64_t)size;
  size_t done = 0;
  int good = 1;
  while (done < size && good) {
    const off64_t at = offset + (off64_t)done;
    const struct Piece piece = {bytes + done, in_part(at, size - done), at};
    const int keep = mood == 0 ? 0 : mood < 3 ? 1 : (int)(draw() & 1);
    good = write_piece(file, fd, piece, keep);
    if (good) done += piece.size;
  }
  if (draw() % 8 == 0) write_some_back(file);
  pthread_mutex_unlock(&lock);
  return done > 0 || size == 0 ? (ssize_t)done : -1;
}

static void read_kept(struct LostFile* file, char* bytes, size_t size, off64_t offset) {
  for (size_t done = 0; done < size;) {
    const off64_t at = offset + (off64_t)done;
    const size_t length = in_part(at, size - done);
    const struct Part* part = *place_of(file, at / part_bytes);
    if (part != NULL) memcpy(bytes + done, part->bytes + at % part_bytes, length);
    done += length;
  }
}

ssize_t lost_read(struct LostFile* file, int fd, char* bytes, size_t size, off64_t offset) {
  pthread_mutex_lock(&lock);
  ssize_t got = real()->pread(fd, bytes, size, offset);
  if (got >= 0 && file->kept > 0 && offset < file->size) {
    const off64_t left = file->size - offset;
    const ssize_t wanted = left < (off64_t)size ? (ssize_t)left : (ssize_t)size;
    if (wanted > got) memset(bytes + got, 0, (size_t)(wanted - got));
    if (wanted > got) got = wanted;
    read_kept(file, bytes, (size_t)got, offset);
  }
  pthread_mutex_unlock(&lock);
  return got;
}

void lost_truncate(struct LostFile* file, off64_t size) {
  pthread_mutex_lock(&lock);
  for (int i = 0; i < buckets_count; ++i) {
    struct Part** place = &file->buckets[i];
    while (*place != NULL) {
      const off64_t begin = (*place)->number * part_bytes;
      if (begin >= size) {
        drop(file, place);
        continue;
      }
      if (begin + part_bytes > size)
        memset((*place)->bytes + (size - begin), 0, (size_t)(begin + part_bytes - size));
      place = &(*place)->next;
    }
  }
  file->size = size;
  pthread_mutex_unlock(&lock);
}

static void sync_locked(struct LostFile* file) {
  for (int i = 0; i < buckets_count && file->kept > 0; ++i) {
    while (file->buckets[i] != NULL) write_back(file, &file->buckets[i]);
  }
}

void lost_sync(struct LostFile* file) {
  pthread_mutex_lock(&lock);
  sync_locked(file);
  pthread_mutex_unlock(&lock);
}

void lost_sync_all(void) {
  if (!is_on()) return;
  pthread_mutex_lock(&lock);
  for (int i = 0; i < files_max; ++i) {
    if (files[i].used && files[i].tracked) sync_locked(&files[i]);
  }
  pthread_mutex_unlock(&lock);
}

void lost_correct_size(struct stat* status) {
  if (!is_on()) return;
  pthread_mutex_lock(&lock);
  const struct LostFile* file = find(status->st_dev, status->st_ino);
  if (file != NULL && file->tracked) status->st_size = file->size;
  pthread_mutex_unlock(&lock);
}

void lost_forget(const struct stat* status) {
  if (!is_on()) return;
  pthread_mutex_lock(&lock);
  struct LostFile* file = find(status->st_dev, status->st_ino);
  if (file != NULL) {
    for (int i = 0; file->tracked && i < buckets_count; ++i) {
      while (file->buckets[i] != NULL) drop(file, &file->buckets[i]);
    }
    free(file->buckets);
    if (file->fd >= 0) close(file->fd);
    *file = (struct LostFile){0};
  }
  pthread_mutex_unlock(&lock);
}
