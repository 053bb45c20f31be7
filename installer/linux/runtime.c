/* The beginning of an AppImage (type 2): mounts the squashfs that lies behind this program and runs AppRun in it.
 *
 * Compiled by `make installer` against Debian's static libsquashfuse and libfuse3, and linked statically, so that it
 * runs on any Linux that has fusermount3. It reads zstd alone, as nothing else is behind it.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <squashfuse/config.h>
#include <squashfuse/ll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* What libsquashfuse would need for other ways of packing; its build of Debian names the GPL's lzo, too. */
int lzo1x_decompress_safe(void) { return -1; }
int LZ4_decompress_safe(void) { return -1; }
int lzma_stream_buffer_decode(void) { return -1; }
int uncompress(void) { return -1; }

static char place[PATH_MAX]; /* where it is mounted */
static int used[2];          /* a pipe: those who run from there hold its writing end */

static int failed(const char *why) {
  fprintf(stderr, "PhotoSearch cannot start from an AppImage: %s. The .tar.zst beside it runs wherever it is unpacked.\n", why);
  return 1;
}

/* -> how long this program is, behind which the squashfs begins; 0: it cannot be read. */
static off_t own_length(const char *self) {
  Elf64_Ehdr header;
  int file = open(self, O_RDONLY | O_CLOEXEC);
  ssize_t got = file < 0 ? -1 : read(file, &header, sizeof header);
  if (file >= 0) close(file);
  return got == sizeof header ? (off_t)(header.e_shoff + (off_t)header.e_shentsize * header.e_shnum) : 0;
}

/* Whoever reads what the program prints is not to wait for the one that serves its files. */
static void detach(int stream) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null >= 0) dup2(null, stream);
}

/* Unmount once nobody runs from there any more. An engine outlives its window, and does not inherit the pipe: while
 * it is there the place is busy. */
static void *let_go(void *nothing) {
  char byte;
  int status = 1;
  while (read(used[0], &byte, 1) > 0) continue;
  while (status) {
    pid_t child = fork();
    if (!child) {
      execlp("fusermount3", "fusermount3", "-u", "-q", place, (char *)NULL);
      _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) < 0) break;
    if (status) sleep(2);
  }
  return nothing;
}

/* Answer what the kernel asks about the files, until they are unmounted; `ready` is told once it can. */
static int serve(const char *self, int ready) {
  struct fuse_lowlevel_ops answers = {
      .getattr = sqfs_ll_op_getattr, .opendir = sqfs_ll_op_opendir, .releasedir = sqfs_ll_op_releasedir,
      .readdir = sqfs_ll_op_readdir, .lookup = sqfs_ll_op_lookup,   .open = sqfs_ll_op_open,
      .release = sqfs_ll_op_release, .read = sqfs_ll_op_read,       .readlink = sqfs_ll_op_readlink,
      .forget = sqfs_ll_op_forget,
  };
  char *words[] = {"photosearch", "-o", "ro,nodev,fsname=PhotoSearch"};
  struct fuse_args arguments = FUSE_ARGS_INIT(3, words);
  sqfs_ll_chan channel;
  pthread_t watcher;
  sqfs_ll *files = sqfs_ll_open(self, own_length(self));
  if (!files || sqfs_ll_mount(&channel, place, &arguments, &answers, sizeof answers, files) != SQFS_OK) return 1;
  if (write(ready, "", 1) != 1 || pthread_create(&watcher, NULL, let_go, NULL)) return 1;
  detach(2);
  close(ready);
  return fuse_session_loop(channel.session);
}

int main(int count, char **words) {
  static char self[PATH_MAX], program[PATH_MAX + 8];
  const char *folder = getenv("TMPDIR");
  char byte;
  int ready[2];
  pid_t server;
  if (readlink("/proc/self/exe", self, sizeof self - 1) < 0 || !own_length(self)) return failed("/proc is not there");
  if (count == 2 && !strcmp(words[1], "--appimage-offset")) return printf("%lld\n", (long long)own_length(self)) < 0;
  snprintf(place, sizeof place, "%s/.mount_PhotoSXXXXXX", folder && *folder == '/' ? folder : "/tmp");
  if (!mkdtemp(place)) return failed("no temporary folder can be made");
  if (pipe(used) || pipe2(ready, O_CLOEXEC) || (server = fork()) < 0) return failed("the system is at its limits");
  if (!server) {
    int status;
    setsid();
    signal(SIGHUP, SIG_IGN);
    detach(0);
    detach(1);
    close(used[1]);
    close(ready[0]);
    status = serve(self, ready[1]);
    rmdir(place);
    return status;
  }
  close(used[0]);
  close(ready[1]);
  if (read(ready[0], &byte, 1) != 1) return failed("it needs FUSE (fusermount3, of the package fuse3)");
  setenv("APPIMAGE", self, 1);
  setenv("APPDIR", place, 1);
  snprintf(program, sizeof program, "%s/AppRun", place);
  execv(program, words);
  return failed("its files cannot be read");
}
