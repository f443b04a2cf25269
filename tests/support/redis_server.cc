#include "support/redis_server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "redis/link/command.h"
#include "redis/link/reply_reader.h"

extern char** environ;

namespace usher::test {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void connect_to(int fd, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("connect " + path + ": " + std::strerror(errno));
  }
}

}  // namespace

int free_tcp_port() {
  const Descriptor socket_fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(socket_fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(socket_fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error(std::string("no free port: ") + std::strerror(errno));
  }
  return ntohs(address.sin_port);
}

RedisServer::RedisServer(std::vector<std::string> options) : options_(std::move(options)) {
  std::string folder = (std::filesystem::temp_directory_path() / "usher-redis-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  folder_ = folder;
  start();
}

RedisServer::~RedisServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void RedisServer::start() {
  // A test that crashes must not leave it behind.
  std::vector<std::string> words = {
      "setpriv",      "--pdeathsig",   "KILL",  "redis-server", "--port", "0",
      "--unixsocket", socket_path(),   "--dir", folder_,        "--save", "",
      "--logfile",    folder_ + "/log"};
  words.insert(words.end(), options_.begin(), options_.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, (folder_ + "/out").c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  const int error = posix_spawnp(&pid_, "setpriv", &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error(std::string("redis-server: ") + std::strerror(error));

  constexpr int kTriesMax = 1000;
  for (int i = 0; i < kTriesMax; ++i) {
    if (answers()) return;
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      break;
    }
    poll(nullptr, 0, 10);
  }
  throw std::runtime_error("redis-server does not answer:\n" + output());
}

bool RedisServer::answers() const {
  try {
    const redis::Reply reply = call({"PING"});
    return !reply.is_error() || reply.error_code() == "NOAUTH";
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::string RedisServer::output() const {
  std::ostringstream text;
  for (const char* name : {"/out", "/log"}) text << std::ifstream(folder_ + name).rdbuf();
  return text.str();
}

void RedisServer::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
  unlink(socket_path().c_str());
}

void RedisServer::pause() { ::kill(pid_, SIGSTOP); }
void RedisServer::resume() { ::kill(pid_, SIGCONT); }

redis::Reply RedisServer::call(const std::vector<std::string>& words) const {
  const Descriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  connect_to(fd.get(), socket_path());
  std::string request;
  redis::write_command(request, words);
  if (send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    throw std::runtime_error("the command was not taken");
  }
  redis::ReplyReader reader;
  char bytes[4096];
  while (true) {
    const ssize_t count = recv(fd.get(), bytes, sizeof bytes, 0);
    if (count <= 0) throw std::runtime_error("no answer");
    reader.feed({bytes, static_cast<std::size_t>(count)});
    if (auto reply = reader.next()) return std::move(*reply);
    if (reader.is_broken()) throw std::runtime_error("what came is no reply");
  }
}

}  // namespace usher::test
