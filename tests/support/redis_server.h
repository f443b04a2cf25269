// A real redis-server for one test: in a temporary folder, on a Unix socket (and a free TCP port
// where asked for). The destructor ends this process and no other.
#pragma once

#include <sys/types.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "redis/link/reply.h"

namespace usher::test {

class RedisServer {
 public:
  // `options` are added to its command line: {"--requirepass", "pw"}. Returns when the server
  // answers. Throws std::runtime_error with its output if it does not.
  explicit RedisServer(std::vector<std::string> options = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::string socket_path() const { return folder_ + "/s"; }
  std::string folder() const { return folder_; }
  std::string url() const { return "unix://" + socket_path(); }

  void kill();    // at once, nothing saved
  void start();   // again, with the same options; requires: not running
  void pause();   // SIGSTOP
  void resume();  // SIGCONT

  // Sends a command on a new connection, and waits for the answer.
  redis::Reply call(const std::vector<std::string>& words) const;

 private:
  bool answers() const;
  std::string output() const;

  std::string folder_;
  std::vector<std::string> options_;
  pid_t pid_ = -1;
};

// A TCP port that was free a moment ago.
int free_tcp_port();

}  // namespace usher::test
