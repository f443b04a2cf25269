// Preloaded into a gateway: a name server that never answers (USHER_HANG_NAMES), and a disk that
// never does for files whose path has USHER_HANG_FILES in it. What hangs appends a line to
// USHER_HANG_REPORT, so that a test knows when to go on.
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>
#include <cstring>

namespace {

using Open = int (*)(const char*, int, ...);

[[noreturn]] void hang(const char* what) {
  if (const char* const report = getenv("USHER_HANG_REPORT")) {
    const auto real = reinterpret_cast<Open>(dlsym(RTLD_NEXT, "open"));
    const int fd = real(report, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (write(fd, what, strlen(what)) < 0) abort();
    close(fd);
  }
  while (true) pause();
}

int open_unless_it_hangs(const char* name, const char* path, int flags, mode_t mode) {
  const char* const part = getenv("USHER_HANG_FILES");
  if (part != nullptr && strstr(path, part) != nullptr) {
    // The disk begins to hang when the test says so: at the start it still answers.
    if (const char* const from = getenv("USHER_HANG_FROM");
        from == nullptr || access(from, F_OK) == 0)
      hang("file\n");
  }
  return reinterpret_cast<Open>(dlsym(RTLD_NEXT, name))(path, flags, mode);
}

}  // namespace

extern "C" int getaddrinfo(const char*, const char*, const addrinfo*, addrinfo**) {
  hang("name\n");
}

extern "C" int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>(va_arg(rest, int));
  va_end(rest);
  return open_unless_it_hangs("open", path, flags, mode);
}

extern "C" int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const auto mode = static_cast<mode_t>(va_arg(rest, int));
  va_end(rest);
  return open_unless_it_hangs("open64", path, flags, mode);
}
