#include "net/upstream_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "net/keep_alive.h"

namespace usher::net {
namespace {

using Why = edge::Unreachable::Why;

constexpr Duration kAddressTimeMin = std::chrono::milliseconds(250);

std::string error_text(int error) { return std::generic_category().message(error); }

}  // namespace

bool UpstreamSocket::advance(UpstreamEvent event) {
  const UpstreamStage before = stage_;
  stage_ = next(before, event);
  return stage_ != before;
}

// ---- dialling ----

void UpstreamSocket::dial(std::size_t upstream, std::string request) {
  USHER_INVARIANT(advance(UpstreamEvent::dialled));
  dial_ = std::make_unique<Dial>();
  upstream_ = static_cast<std::uint32_t>(upstream);
  dial_->request = std::move(request);
  dial_->until = shard_.now() + target().connect_timeout;
  dial_->step = "resolving the name " + target().host;
  buffer_bytes_ = static_cast<std::uint32_t>(target().buffer_bytes);
  set_deadline(dial_->until);
}

void UpstreamSocket::handle_addresses(std::vector<SocketAddress> addresses,
                                      const std::string& why) {
  if (stage_ != UpstreamStage::resolving) return;
  dial_->addresses = std::move(addresses);
  advance(UpstreamEvent::resolved);
  try_next_address(why);
}

// `why`: the fault of the address before.
void UpstreamSocket::try_next_address(const std::string& why) {
  std::string last = why;
  while (dial_->next < dial_->addresses.size()) {
    const std::size_t left = dial_->addresses.size() - dial_->next;
    const SocketAddress& address = dial_->addresses[dial_->next++];
    dial_->step = "connecting to " + address.text;
    const Duration share = (dial_->until - shard_.now()) / left;
    set_deadline(left == 1 ? dial_->until : shard_.now() + std::max(share, kAddressTimeMin));
    if (connect(address)) return;
    last = dial_->step + ": " + error_text(errno);
  }
  fail(Why::refused, last);
}

// Returns false, with errno, if there is no hope.
bool UpstreamSocket::connect(const SocketAddress& address) {
  Fd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return false;
  if (address.storage.ss_family != AF_UNIX) {
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    keep_alive(fd.get());
  }
  const auto* const where = reinterpret_cast<const sockaddr*>(&address.storage);
  if (::connect(fd.get(), where, address.size) != 0 && errno != EINPROGRESS) return false;
  socket_ = Socket(std::move(fd), nullptr);
  watched_ = EPOLLOUT;
  return shard_.poller().add(socket_.fd(), watched_, *this);
}

void UpstreamSocket::on_connected() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket_.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    socket_.close();
    return try_next_address(dial_->step + ": " + error_text(error));
  }
  advance(UpstreamEvent::connected);
  shard_.upstreams().prefer(upstream_, dial_->addresses[dial_->next - 1]);
  set_deadline(dial_->until);
  dial_->step = "the upgrade at " + dial_->addresses[dial_->next - 1].text;
  if (target().tls) {
    const int fd = socket_.fd();
    socket_.begin_tls(std::make_unique<TlsSession>(shard_.upstreams().trust(), target().host, fd));
  }
  writer_.push_last(std::move(dial_->request));
  ask();
}

void UpstreamSocket::ask() {
  if (!writer_.empty() && !writer_.write_out(socket_, shard_.join_buffer())) {
    return fail(Why::refused, dial_->step + ": " + socket_.failure_text());
  }
  watch();
}

void UpstreamSocket::read_answer() {
  const IoResult result = receive(wire::kAnswerHeadBytesMax);
  switch (result.status) {
    case IoStatus::want_read:
    case IoStatus::want_write:
      return ask();  // a handshake may go on
    case IoStatus::end:
      return fail(Why::refused, dial_->step + ": it closed the connection without an answer");
    case IoStatus::failed:
      return fail(Why::refused, dial_->step + ": " + socket_.failure_text());
    case IoStatus::done:
      break;
  }
  const std::span<const char> bytes = shard_.receive_buffer().first(result.bytes);
  switch (dial_->reader.read({bytes.data(), bytes.size()})) {
    case wire::HttpAnswerReader::State::need_more:
      return ask();
    case wire::HttpAnswerReader::State::malformed:
      return fail(Why::not_spoken, dial_->step + ": " + dial_->reader.what());
    case wire::HttpAnswerReader::State::complete:
      break;
  }
  advance(UpstreamEvent::answered);
  shard_.wheel().cancel(*this);
  watch();
  owner_.on_upstream_answer(dial_->reader.answer());
}

void UpstreamSocket::fail(Why why, const std::string& what) {
  const std::string said = what;  // `what` may belong to the dial
  close();
  owner_.on_upstream_unreachable({why, said});
}

// ---- an open tunnel ----

std::string UpstreamSocket::open() {
  USHER_INVARIANT(advance(UpstreamEvent::opened));
  std::string rest(dial_->reader.rest());
  dial_.reset();
  if (target().idle_timeout > Duration::zero()) set_deadline(shard_.now() + target().idle_timeout);
  watch();
  return rest;
}

std::size_t UpstreamSocket::room() const {
  return buffer_bytes_ - std::min<std::size_t>(buffer_bytes_, writer_.cost());
}

void UpstreamSocket::send(std::span<const char> bytes) {
  if (stage_ != UpstreamStage::open) return;
  if (writer_.pass_on(bytes, socket_) == SocketWriter::Push::failed) return end();
  watch();
}

void UpstreamSocket::set_reading(bool on) {
  reading_ = on;
  watch();
}

void UpstreamSocket::finish_writing() {
  finishes_writing_ = true;
  flush();
}

void UpstreamSocket::leave(bool says_no_more) {
  if (!advance(UpstreamEvent::said_last)) return abandon();
  const ShardOptions& options = shard_.options();
  finishes_writing_ = finishes_writing_ || says_no_more;
  if (writer_.empty()) {
    lingers_ = shard_.may_linger();
    if (!lingers_) return close();
    set_deadline(shard_.now() + options.linger_timeout);
  } else {
    set_deadline(shard_.now() + options.goodbye_timeout);
  }
  flush();
}

void UpstreamSocket::abandon() {
  if (stage_ != UpstreamStage::closed) close();
}

// The last call: it may destroy this object's owner later.
void UpstreamSocket::close() {
  if (std::exchange(lingers_, false)) shard_.end_linger();
  advance(UpstreamEvent::gone);
  shard_.wheel().cancel(*this);
  socket_.close();
  writer_ = SocketWriter();
  owner_.on_upstream_closed();
}

void UpstreamSocket::read_bytes() {
  const std::size_t room = owner_.room_for_client();
  if (room < kRoomMin) return set_reading(false);
  const IoResult result = receive(room);
  switch (result.status) {
    case IoStatus::done:
      return owner_.on_upstream_bytes(shard_.receive_buffer().first(result.bytes));
    case IoStatus::want_read:
      return;
    case IoStatus::want_write:
      return watch();
    case IoStatus::end:
    case IoStatus::failed:
      return end();
  }
}

void UpstreamSocket::discard() {
  const IoResult result = receive(shard_.receive_buffer().size());
  if (result.status == IoStatus::failed) return close();
  if (result.status != IoStatus::end) return;
  has_ended_ = true;
  writer_.empty() ? close() : watch();
}

// What has been accepted for the upstream must still leave, so the socket is not closed yet.
void UpstreamSocket::end() {
  has_ended_ = true;
  watch();
  owner_.on_upstream_end();
}

void UpstreamSocket::flush() {
  if (socket_.fd() < 0) return;
  if (!writer_.empty() && !writer_.write_out(socket_, shard_.join_buffer())) {
    return stage_ == UpstreamStage::open ? end() : close();
  }
  if (writer_.empty() && std::exchange(finishes_writing_, false)) socket_.finish_writing();
  const bool is_done = stage_ == UpstreamStage::leaving && has_ended_ && writer_.empty();
  is_done ? close() : watch();
}

// ---- what the loop reports ----

IoResult UpstreamSocket::receive(std::size_t most) {
  if (shard_.is_held_up()) return {IoStatus::want_read};
  const std::span<char> buffer = shard_.receive_buffer();
  const IoResult result = socket_.read(buffer.first(std::min(most, buffer.size())));
  read_wants_write_ = result.status == IoStatus::want_write;
  return result;
}

void UpstreamSocket::handle_events(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) writer_.set_writable();
  const bool readable = (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 || read_wants_write_;
  switch (stage_) {
    case UpstreamStage::connecting:
      return on_connected();
    case UpstreamStage::asking:
      if (readable) return read_answer();
      return ask();
    case UpstreamStage::open: {
      const bool had_room = has_room();
      if ((events & EPOLLOUT) != 0) flush();
      if (stage_ != UpstreamStage::open) return;
      if (!had_room && has_room()) owner_.on_upstream_room();
      if (stage_ != UpstreamStage::open || !readable) return;
      if (reads()) return read_bytes();
      // While it is not read, only its loss is reported.
      if ((events & (EPOLLHUP | EPOLLERR)) != 0) end();
      return;
    }
    case UpstreamStage::leaving:
      if ((events & EPOLLOUT) != 0) flush();
      if (stage_ == UpstreamStage::leaving && readable) discard();
      return;
    case UpstreamStage::waiting:
    case UpstreamStage::idle:
    case UpstreamStage::resolving:
    case UpstreamStage::closed:
    case UpstreamStage::count_:
      return;
  }
}

void UpstreamSocket::handle_deadline(TimePoint now) {
  switch (stage_) {
    case UpstreamStage::connecting:
      if (now < dial_->until) {
        socket_.close();
        return try_next_address(dial_->step + ": no answer in time");
      }
      [[fallthrough]];
    case UpstreamStage::resolving:
    case UpstreamStage::asking:
      return fail(Why::timed_out, dial_->step + ": not done within upstreams.connect_timeout");
    case UpstreamStage::leaving:
      return close();
    default:
      return owner_.on_upstream_timer(now);
  }
}

bool UpstreamSocket::reads() const {
  switch (stage_) {
    case UpstreamStage::asking:
      return true;
    case UpstreamStage::leaving:
      return !has_ended_;
    case UpstreamStage::open:
      return reading_ && !has_ended_;
    default:
      return false;
  }
}

void UpstreamSocket::watch() {
  if (socket_.fd() < 0) return;
  const bool write = writer_.is_blocked() || read_wants_write_;
  const auto wanted = static_cast<std::uint8_t>((reads() ? EPOLLIN : 0u) | (write ? EPOLLOUT : 0u));
  if (wanted == watched_) return;
  watched_ = wanted;
  USHER_INVARIANT(shard_.poller().modify(socket_.fd(), wanted, *this));
}

}  // namespace usher::net
