#include "apps/config_sources.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "auth/key.h"
#include "gateway/api_keys.h"

namespace usher::apps {
namespace {

FileFact fact_of(const std::string& path) {
  FileFact fact;
  struct stat status {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return fact;
  fact.world_readable = (status.st_mode & S_IROTH) != 0;
  fact.world_writable = (status.st_mode & S_IWOTH) != 0;
  const auto content = read_file(path);
  fact.readable = content.has_value();
  if (!content) return fact;
  fact.secret_bytes = auth::secret_of_file(*content).size();
  if (const auto keys = gateway::ApiKeys::parse(*content)) {
    fact.shortest_key_bytes = keys->shortest_bytes();
  }
  return fact;
}

}  // namespace

Result<std::string, ReadError> read_file(const std::string& path, std::size_t bytes_max) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    return errno == ENOENT ? ReadError::missing : ReadError::not_readable;
  }
  if (S_ISDIR(status.st_mode)) return ReadError::not_readable;
  std::ifstream file(path, std::ios::binary);
  if (!file) return ReadError::not_readable;
  std::string text(bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return ReadError::not_readable;
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > bytes_max) return ReadError::too_large;
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

}  // namespace usher::apps
