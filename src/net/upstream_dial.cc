#include "net/upstream_dial.h"

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
constexpr std::string_view kTooLate = "not done within upstreams.connect_timeout";

std::string error_text(int error) { return std::generic_category().message(error); }

}  // namespace

UpstreamDial::UpstreamDial(ShardContext& shard, Owner& owner, std::size_t upstream,
                           std::string request)
    : shard_(shard),
      owner_(owner),
      upstream_(upstream),
      request_(std::move(request)),
      until_(shard.now() + target().connect_timeout),
      step_("resolving the name " + target().host) {
  shard_.wheel().arm(*this, until_);
}

template <class Work>
void UpstreamDial::guarded(Work work) {
  try {
    work();
  } catch (const std::exception& broken) {
    owner_.break_off(broken);
  }
}

void UpstreamDial::on_events(std::uint32_t events) {
  guarded([&] { handle_events(events); });
}

void UpstreamDial::on_deadline(TimePoint now) {
  guarded([&] { handle_deadline(now); });
}

// ---- the way to a connection ----

void UpstreamDial::start() {
  if (stage_ != Stage::ready) return;
  stage_ = Stage::resolving;
  alive_ = std::make_shared<UpstreamDial*>(this);
  shard_.upstreams().resolve(
      upstream_, [alive = std::weak_ptr(alive_)](const std::vector<SocketAddress>& addresses,
                                                 const std::string& why) {
        if (const auto dial = alive.lock()) {
          (*dial)->guarded([&] { (*dial)->take_addresses(addresses, why); });
        }
      });
}

void UpstreamDial::take_addresses(const std::vector<SocketAddress>& addresses,
                                  const std::string& why) {
  if (stage_ != Stage::resolving) return;
  stage_ = Stage::connecting;
  addresses_ = addresses;
  try_next_address(why);
}

// `why`: the fault of the address before.
void UpstreamDial::try_next_address(const std::string& why) {
  std::string last = why;
  while (next_ < addresses_.size()) {
    const auto left = static_cast<Duration::rep>(addresses_.size() - next_);  // signed
    const SocketAddress& address = addresses_[next_++];
    step_ = "connecting to " + address.text;
    const Duration share = (until_ - shard_.now()) / left;
    const TimePoint turn = shard_.now() + std::max(share, kAddressTimeMin);
    shard_.wheel().arm(*this, left == 1 ? until_ : std::min(turn, until_));
    if (connect(address)) return;
    last = fault(error_text(errno));
  }
  fail(Why::refused, last);
}

// Returns false, with errno, if there is no hope.
bool UpstreamDial::connect(const SocketAddress& address) {
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
  watch_ = Watch(EPOLLOUT);
  return shard_.poller().add(socket_.fd(), EPOLLOUT, *this);
}

void UpstreamDial::on_connected() {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket_.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    socket_.close();
    return try_next_address(fault(error_text(error)));
  }
  stage_ = Stage::asking;
  const SocketAddress& address = addresses_[next_ - 1];
  shard_.upstreams().prefer(upstream_, address);
  shard_.wheel().arm(*this, until_);
  step_ = "the upgrade at " + address.text;
  if (target().tls) begin_tls();
  writer_.push_last(std::move(request_));
  ask();
}

void UpstreamDial::begin_tls() {
  socket_.begin_tls(
      std::make_unique<TlsSession>(shard_.upstreams().trust(), target().host, socket_.fd()));
}

// ---- the request and its answer ----

void UpstreamDial::ask() {
  if (!writer_.empty() && !writer_.write_out(socket_, shard_.join_buffer())) {
    return fail(Why::refused, fault(socket_.failure_text()));
  }
  watch();
}

void UpstreamDial::read_answer() {
  const IoResult result = receive();
  switch (result.status) {
    case IoStatus::want_read:
    case IoStatus::want_write:
      return ask();  // a handshake may go on
    case IoStatus::end:
      return fail(Why::refused, fault("it closed the connection without an answer"));
    case IoStatus::failed:
      return fail(Why::refused, fault(socket_.failure_text()));
    case IoStatus::done:
      break;
  }
  const std::span<const char> bytes = shard_.receive_buffer().first(result.bytes);
  switch (reader_.read({bytes.data(), bytes.size()})) {
    case wire::HttpAnswerReader::State::need_more:
      return ask();
    case wire::HttpAnswerReader::State::malformed:
      return fail(Why::not_spoken, fault(reader_.what()));
    case wire::HttpAnswerReader::State::complete:
      break;
  }
  stage_ = Stage::answered;
  shard_.wheel().cancel(*this);
  watch_.set(shard_.poller(), socket_.fd(), false, false, *this);
  owner_.on_upstream_answer(reader_.answer());
}

IoResult UpstreamDial::receive() {
  if (shard_.is_held_up()) return {IoStatus::want_read};
  const IoResult result = socket_.read(shard_.receive_buffer().first(wire::kAnswerHeadBytesMax));
  read_wants_write_ = result.status == IoStatus::want_write;
  return result;
}

void UpstreamDial::watch() {
  const bool writes = writer_.is_blocked() || read_wants_write_;
  watch_.set(shard_.poller(), socket_.fd(), true, writes, *this);
}

// ---- the end ----

Socket UpstreamDial::take_socket() {
  USHER_INVARIANT(stage_ == Stage::answered);
  stage_ = Stage::over;
  return std::move(socket_);
}

void UpstreamDial::give_up() {
  stage_ = Stage::over;
  shard_.wheel().cancel(*this);
  socket_.close();
}

void UpstreamDial::fail(Why why, const std::string& fault) {
  give_up();
  owner_.on_upstream_unreachable({why, fault});
}

// ---- what the loop reports ----

void UpstreamDial::handle_events(std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) writer_.set_writable();
  switch (stage_) {
    case Stage::connecting:
      return on_connected();
    case Stage::asking:
      if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 || read_wants_write_) {
        return read_answer();
      }
      return ask();
    case Stage::ready:
    case Stage::resolving:
    case Stage::answered:
    case Stage::over:
      return;
  }
}

void UpstreamDial::handle_deadline(TimePoint now) {
  if (stage_ == Stage::connecting && now < until_) {
    socket_.close();
    return try_next_address(fault("no answer in time"));
  }
  fail(Why::timed_out, fault(kTooLate));
}

}  // namespace usher::net
