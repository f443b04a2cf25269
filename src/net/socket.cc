#include "net/socket.h"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "net/batch_sender.h"

namespace usher::net {

IoResult Socket::read(std::span<char> buffer) {
  if (tls_) return tls_->read(buffer);
  while (true) {
    const ssize_t count = recv(fd_.get(), buffer.data(), buffer.size(), 0);
    if (count > 0) return {IoStatus::done, static_cast<std::size_t>(count)};
    if (count == 0) return {IoStatus::end};
    if (errno == EAGAIN) return {IoStatus::want_read};
    if (errno != EINTR) return {IoStatus::failed};
  }
}

IoResult Socket::write(std::span<const iovec> parts) {
  if (tls_) return tls_->write(parts);
  if (parts.size() == 1) {
    const iovec& part = parts.front();
    return send_bytes(fd_.get(), {static_cast<const char*>(part.iov_base), part.iov_len});
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(parts.data());
  message.msg_iovlen = parts.size();
  while (true) {
    const ssize_t count = sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    if (count >= 0) return {IoStatus::done, static_cast<std::size_t>(count)};
    if (errno == EAGAIN) return {IoStatus::want_write};
    if (errno != EINTR) return {IoStatus::failed};
  }
}

std::string Socket::failure_text() const {
  if (tls_) return "TLS: " + tls_->failure_text();
  return std::generic_category().message(errno);
}

void Socket::finish_writing() {
  if (tls_) tls_->shut_down();
  shutdown(fd_.get(), SHUT_WR);
}

}  // namespace usher::net
