#include "config/config_sources.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "api/api_keys.h"
#include "auth/key.h"
#include "base/check.h"
#include "net/fd.h"

namespace usher::config {
namespace {

FileFact fact_of(const std::string& path) {
  FileFact fact;
  struct stat status {};
  if (stat(path.c_str(), &status) == 0) {
    fact.world_readable = (status.st_mode & S_IROTH) != 0;
    fact.world_writable = (status.st_mode & S_IWOTH) != 0;
  }
  const auto content = read_file(path);
  fact.readable = content.has_value();
  if (!content) {
    fact.obstacle = to_string(content.error());
    return fact;
  }
  fact.bytes = content->size();
  fact.secret_bytes = auth::secret_of_file(*content).size();
  if (const auto keys = api::ApiKeys::parse(*content)) {
    fact.shortest_key_bytes = keys->shortest_bytes();
  }
  return fact;
}

}  // namespace

std::string_view to_string(ReadError error) {
  switch (error) {
    case ReadError::missing:
      return "does not exist; check the path";
    case ReadError::not_permitted:
      return "can't be read: permission denied; check its owner and mode, and those of its folder";
    case ReadError::directory:
      return "is a folder; name the file in it";
    case ReadError::no_file:
      return "is a pipe, socket or device; it must be a file";
    case ReadError::too_large:
      return "is too large";
    case ReadError::broken:
      return "can't be read; the disk may say more (dmesg)";
  }
  USHER_CHECK(false);
}

Result<std::string, ReadError> read_file(const std::string& path, std::size_t bytes_max,
                                         Pipes pipes) {
  // Not blocking: opening a FIFO would wait for a writer.
  const int patience = pipes == Pipes::refused ? O_NONBLOCK : 0;
  const net::Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | patience));
  if (!fd) {
    switch (errno) {
      case ENOENT:
      case ENOTDIR:
        return ReadError::missing;
      case EACCES:
      case EPERM:
        return ReadError::not_permitted;
      case ENXIO:
        return ReadError::no_file;
      default:
        return ReadError::broken;
    }
  }
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return ReadError::broken;
  if (S_ISDIR(status.st_mode)) return ReadError::directory;
  if (!S_ISREG(status.st_mode) && pipes == Pipes::refused) return ReadError::no_file;
  std::string text(bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(fd.get(), text.data() + size, text.size() - size);
    if (count == 0) break;
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ReadError::broken;
    size += static_cast<std::size_t>(count);
  }
  if (size > bytes_max) return ReadError::too_large;
  text.resize(size);
  return text;
}

Settings usher_environment() {
  Settings variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (text.starts_with("USHER_")) variables.push_back(split_setting(text));
  }
  return variables;
}

FileFacts gather_file_facts(const Config& config) {
  FileFacts facts;
  for (const std::string& path : files_of(config)) facts.emplace(path, fact_of(path));
  return facts;
}

}  // namespace usher::config
