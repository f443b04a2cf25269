// A gateway that the bench itself starts, kills and starts again.
//
// Threads: one.  Owns: the process. The destructor kills it.
#pragma once

#include <sys/types.h>

#include <string>

namespace usher::bench {

class GatewayProcess {
 public:
  // `command` is run by a shell.
  explicit GatewayProcess(std::string command) : command_(std::move(command)) {}
  ~GatewayProcess() { kill(); }
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;

  void start();

  // Kills the process at once, as a crash would. Returns when it is gone.
  void kill();

  int pid() const { return pid_; }  // -1: not running

 private:
  const std::string command_;
  pid_t pid_ = -1;
};

}  // namespace usher::bench
