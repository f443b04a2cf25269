#include "net/socket_writer.h"

#include <array>
#include <limits>
#include <utility>

#include "base/check.h"
#include "wire/ws_frame.h"

namespace usher::net {
namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kTlsRecordBytesMax = 16 * 1024;

}  // namespace

SocketWriter::Push SocketWriter::push(const wire::SharedFrame& frame, std::size_t bytes_max,
                                      Socket& socket, JoinBuffer& joiner, std::uint32_t latest_of) {
  if (append(frame, bytes_max, latest_of)) return Push::taken;
  if (blocked_) return Push::full;
  if (!write_out(socket, joiner)) return Push::failed;
  return append(frame, bytes_max, latest_of) ? Push::taken : Push::full;
}

bool SocketWriter::append(const wire::SharedFrame& frame, std::size_t bytes_max,
                          std::uint32_t latest_of) {
  if (latest_of == 0) return outbox_.push(frame, bytes_max);
  return outbox_.push_latest(frame, latest_of, bytes_max, must_repeat_ ? kTlsRecordBytesMax : 0);
}

void SocketWriter::push_last(std::string bytes) {
  USHER_INVARIANT(outbox_.push(std::move(bytes), kNoLimit));
}

SocketWriter::Push SocketWriter::pass_on(std::span<const char> bytes, Socket& socket) {
  while (empty() && !blocked_ && !bytes.empty()) {
    // Only read from, although iovec is not const.
    const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    const IoResult sent = socket.write({&part, 1});
    if (sent.status == IoStatus::want_read) break;  // OpenSSL must read before it can write
    if (!consume({sent.status, 0}, 0)) return Push::failed;
    if (sent.status == IoStatus::want_write) break;
    // A short send to a plain socket: it is full, and epoll says when it takes more.
    blocked_ = sent.bytes < bytes.size() && !socket.is_tls();
    bytes = bytes.subspan(sent.bytes);
  }
  if (bytes.empty()) return empty() ? Push::taken : Push::full;
  push_last(std::string(bytes.data(), bytes.size()));
  return Push::full;
}

void SocketWriter::set_pong(std::string_view payload) {
  pong_ = std::make_unique<std::string>(payload);
  if (!blocked_) take_pong();  // in its order among other frames
}

void SocketWriter::take_pong() {
  if (pong_ == nullptr) return;
  std::string frame;
  wire::append_frame(frame, wire::Opcode::pong, *pong_);
  pong_.reset();
  push_last(std::move(frame));
}

std::span<const iovec> SocketWriter::gather(std::span<iovec> room) {
  if (!blocked_) take_pong();
  return room.first(outbox_.gather(room));
}

bool SocketWriter::consume(const IoResult& sent, std::size_t wanted) {
  const std::size_t done = sent.status == IoStatus::done ? sent.bytes : 0;
  if (done > 0) outbox_.consume(done);
  progress_ = progress_ || done > 0;
  // A short send: the socket is full, and epoll says when it takes more.
  blocked_ =
      sent.status == IoStatus::want_write || (sent.status == IoStatus::done && done < wanted);
  return sent.status == IoStatus::done || sent.status == IoStatus::want_write;
}

bool SocketWriter::write_out(Socket& socket, JoinBuffer& joiner) {
  blocked_ = false;
  while (!empty()) {
    std::array<iovec, JoinBuffer::kPartsMax> room;
    const std::size_t count = gather(room).size();
    const IoResult sent = write(std::span(room).first(count), socket, joiner);
    must_repeat_ = socket.is_tls() && sent.status != IoStatus::done;
    if (sent.status == IoStatus::want_read) return true;  // OpenSSL must read before it can write
    if (!consume(sent, 0)) return false;
    if (blocked_) return true;
  }
  return true;
}

IoResult SocketWriter::write(std::span<iovec> parts, Socket& socket, JoinBuffer& joiner) {
  const std::size_t joinable = JoinBuffer::joinable(parts);
  // If a batch holds the buffer, the parts are sent as they are.
  if (socket.is_tls() || joinable < 2 || !joiner.is_empty()) return socket.write(parts);
  const std::span<const char> joined = joiner.join(parts.first(joinable));
  // Only read from, although iovec is not const.
  parts[joinable - 1] = {const_cast<char*>(joined.data()), joined.size()};
  const IoResult sent = socket.write(parts.subspan(joinable - 1));
  joiner.clear();
  return sent;
}

void SocketWriter::drop_unsent(const Socket& socket) {
  pong_.reset();
  // A frame that has begun to leave must be completed. OpenSSL may have begun a whole record, and
  // must be called again with the same bytes.
  outbox_.drop_behind(socket.is_tls() ? kTlsRecordBytesMax : 0);
}

}  // namespace usher::net
