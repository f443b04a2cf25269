#include "client_net/token_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "client/json_fields.h"
#include "client_net/call_answer.h"

namespace usher::client_net {

namespace json = boost::json;

namespace {

constexpr std::size_t kFileBytesMax = 64 << 10;
constexpr mode_t kOwnerOnly = 0600;

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

 private:
  const int fd_;
};

bool is_private(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_uid == ::geteuid() &&
         (info.st_mode & 077) == 0;
}

std::string read_all(int fd) {
  std::string text(kFileBytesMax, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = ::read(fd, text.data() + size, text.size() - size);
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
  }
  text.resize(size);
  return text;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fsync(fd) == 0;
}

}  // namespace

std::optional<StoredToken> TokenFile::load() const {
  if (path_.empty()) return std::nullopt;
  const File file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.is_open() || !is_private(file.fd())) return std::nullopt;
  boost::system::error_code error;
  const json::value value = json::parse(read_all(file.fd()), error);
  const json::object* fields = error ? nullptr : value.if_object();
  if (!fields || client::string_field(*fields, "url") != url_) return std::nullopt;
  const auto token = client::string_field(*fields, "token");
  const auto obtained_at = client::whole_field(*fields, "obtained_at_ms");
  const auto life = client::whole_field(*fields, "life_ms");
  constexpr std::uint64_t kMillisMax = 1ull << 52;
  if (!token || !is_bearer(*token) || !obtained_at || !life) return std::nullopt;
  if (*obtained_at > kMillisMax || *life > kMillisMax) return std::nullopt;
  return StoredToken{std::string(*token), client::Instant(client::Millis(*obtained_at)),
                     client::Millis(*life)};
}

bool TokenFile::save(const StoredToken& stored) const {
  if (path_.empty()) return true;
  const json::object fields{{"url", url_},
                            {"token", stored.token},
                            {"obtained_at_ms", stored.obtained_at.time_since_epoch().count()},
                            {"life_ms", stored.life.count()}};
  const std::string part = path_ + "." + std::to_string(::getpid()) + ".part";
  ::unlink(part.c_str());  // left by an earlier process with the same id
  bool written = false;
  {
    const File file(
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly));
    if (!file.is_open()) return false;
    written = write_all(file.fd(), json::serialize(fields) + "\n");
  }
  if (written && std::rename(part.c_str(), path_.c_str()) == 0) return true;
  ::unlink(part.c_str());
  return false;
}

void TokenFile::remove(std::string_view token) const {
  const auto stored = load();
  if (stored && stored->token == token) ::unlink(path_.c_str());
}

}  // namespace usher::client_net
