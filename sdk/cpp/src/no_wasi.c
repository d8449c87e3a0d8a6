// SPDX-License-Identifier: Apache-2.0
// Linked into every workflow. The C++ library refers to three WASI calls for printing that a
// workflow never reaches; defined here they are not imported, so that a workflow imports no WASI.
#define TRAP(name, ...) \
  int __imported_wasi_snapshot_preview1_##name(__VA_ARGS__) { __builtin_trap(); }

TRAP(fd_write, int fd, int vectors, int count, int written)
TRAP(fd_close, int fd)
TRAP(fd_seek, int fd, long long offset, int whence, int position)
