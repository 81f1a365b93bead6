// Fails the n-th call of a kind that touches files below a folder, counted over all threads of the process.
// Loaded with LD_PRELOAD. FAULT_BELOW: the folder; FAULT_CALL: write, sync, rename or mkdir; FAULT_NTH: from 1;
// FAULT_ERROR: an errno, or 0 for SIGKILL; FAULT_LASTS: 1 when every later call fails too, as on a full disk;
// FAULT_CLOCK: seconds that the wall clock is put forward, or back when negative;
// FAULT_LOG: a file that gets one letter per call that was seen, so that calls can be counted.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static atomic_long seen;

static int is_below(const char *path) {
  const char *folder = getenv("FAULT_BELOW");
  return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_below_fd(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_below(path);
}

static void note(const char *call) {
  const char *log = getenv("FAULT_LOG");
  if (!log) return;
  int fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT, 0644);
  if (fd < 0) return;
  syscall(SYS_write, fd, call, 1);
  syscall(SYS_close, fd);
}

// Whether this call is to fail; does not return when it is to die.
static int fails(const char *call, int below) {
  const char *wanted = getenv("FAULT_CALL");
  int kept = errno;
  if (!wanted || !below || strcmp(wanted, call) != 0) {
    if (below) note(call);
    errno = kept;
    return 0;
  }
  note(call);
  long nth = atol(getenv("FAULT_NTH")), count = atomic_fetch_add(&seen, 1) + 1;
  int lasts = getenv("FAULT_LASTS") && *getenv("FAULT_LASTS") == '1';
  errno = kept;
  if (count != nth && !(lasts && count > nth)) return 0;
  int error = atoi(getenv("FAULT_ERROR"));
  if (!error) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
  }
  errno = error;
  return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
  return fails("write", is_below_fd(fd)) ? -1 : REAL(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
  return fails("write", is_below_fd(fd)) ? -1 : REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
  return fails("write", is_below_fd(fd)) ? -1 : REAL(pwrite64)(fd, data, size, at);
}
ssize_t writev(int fd, const struct iovec *parts, int count) {
  return fails("write", is_below_fd(fd)) ? -1 : REAL(writev)(fd, parts, count);
}
ssize_t sendfile(int to, int from, off_t *at, size_t size) {
  return fails("write", is_below_fd(to)) ? -1 : REAL(sendfile)(to, from, at, size);
}
ssize_t sendfile64(int to, int from, off64_t *at, size_t size) {
  return fails("write", is_below_fd(to)) ? -1 : REAL(sendfile64)(to, from, at, size);
}
ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *to_at, size_t size, unsigned flags) {
  return fails("write", is_below_fd(to)) ? -1 : REAL(copy_file_range)(from, at, to, to_at, size, flags);
}
int fsync(int fd) { return fails("sync", is_below_fd(fd)) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails("sync", is_below_fd(fd)) ? -1 : REAL(fdatasync)(fd); }
int rename(const char *from, const char *to) { return fails("rename", is_below(to)) ? -1 : REAL(rename)(from, to); }
int renameat(int old, const char *from, int new, const char *to) {
  return fails("rename", is_below(to)) ? -1 : REAL(renameat)(old, from, new, to);
}
int mkdir(const char *path, mode_t mode) { return fails("mkdir", is_below(path)) ? -1 : REAL(mkdir)(path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) {
  return fails("mkdir", is_below(path)) ? -1 : REAL(mkdirat)(folder, path, mode);
}
int clock_gettime(clockid_t clock, struct timespec *now) {
  int done = syscall(SYS_clock_gettime, clock, now);
  const char *ahead = getenv("FAULT_CLOCK");
  if (ahead && clock == CLOCK_REALTIME) now->tv_sec += atol(ahead);
  return done;
}
