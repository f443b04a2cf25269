// `usher tlskey FILE`: a key for tls.session_ticket_key_files.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "apps/arguments.h"
#include "apps/command_line.h"
#include "base/system.h"
#include "net/fd.h"
#include "net/tls_ticket_keys.h"

namespace usher::apps {
namespace {

constexpr std::string_view kStdout = "-";

bool write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(fd, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

int run_tlskey(int argc, char** argv) {
  std::string path;
  Arguments app(
      "Writes a new key of 80 bytes for tls.session_ticket_key_files. With the same file on all "
      "nodes, a client can resume its TLS session on any of them.",
      "usher tlskey");
  app.text("file", path, "a file that does not exist yet, or - for standard output").required();
  app.footer("Example: usher tlskey /etc/usher/tls-ticket.key");
  if (const Parsed parsed = app.parse(argc, argv); !parsed.go_on) return parsed.exit_code;

  SystemEntropy entropy;
  const auto key = entropy.bytes<net::TlsTicketKey::kBytes>();
  if (path == kStdout) {
    if (isatty(STDOUT_FILENO) != 0) {
      return fail("tlskey", "the key is 80 bytes of binary data, not for a terminal: name a file",
                  kBadUsage);
    }
    if (write_all(STDOUT_FILENO, key)) return kDone;
    return fail("tlskey", "standard output: " + std::string(std::strerror(errno)));
  }
  // Never in the place of another, with which nodes may be sealing.
  const net::Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd && errno == EEXIST) {
    return fail("tlskey",
                "'" + path + "' exists already; move it away first, or name another file");
  }
  if (!fd) return fail("tlskey", "can't make '" + path + "': " + std::strerror(errno));
  if (write_all(fd.get(), key) && fsync(fd.get()) == 0) return kDone;
  const std::string reason = std::strerror(errno);
  unlink(path.c_str());
  return fail("tlskey", "can't write '" + path + "': " + reason);
}

}  // namespace usher::apps
