// A gateway that the bench itself starts, kills and starts again.
//
// Threads: one.  Owns: the process; it is killed at the latest with this object.
#pragma once

#include <sys/types.h>

#include <string>

namespace usher::bench {

class GatewayProcess {
 public:
  // `command` is a shell's.
  explicit GatewayProcess(std::string command) : command_(std::move(command)) {}
  ~GatewayProcess() { kill(); }
  GatewayProcess(const GatewayProcess&) = delete;
  GatewayProcess& operator=(const GatewayProcess&) = delete;

  void start();

  // At once, as a crash would; returns when it is gone.
  void kill();

  int pid() const { return pid_; }  // -1: it does not run

 private:
  const std::string command_;
  pid_t pid_ = -1;
};

}  // namespace usher::bench
