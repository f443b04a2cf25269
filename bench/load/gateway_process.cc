#include "bench/load/gateway_process.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/check.h"

namespace usher::bench {

// A process group of its own: whatever the shell starts goes with it.
void GatewayProcess::start() {
  kill();
  const std::string command = "exec " + command_;
  pid_ = fork();
  USHER_CHECK(pid_ >= 0);
  if (pid_ > 0) return;
  setpgid(0, 0);
  execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
  _exit(127);
}

void GatewayProcess::kill() {
  if (pid_ <= 0) return;
  const pid_t pid = std::exchange(pid_, -1);
  if (::kill(-pid, SIGKILL) != 0) ::kill(pid, SIGKILL);  // it has no group yet
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace usher::bench
