// Tunnels without the shard's loop: the test is the client and the upstream, makes the turns and
// moves the clock. The upstream listens on a unix socket, so that what one end sends is at the other
// at once, and closing with unread bytes is a reset.
#pragma once

#include <sys/ioctl.h>
#include <sys/un.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/tunnel.h"
#include "net/turns_fixture.h"
#include "net/upstream_addresses.h"
#include "wire/ws_frame.h"

namespace usher::net {

inline const std::string kTunnelUpgrade =
    "GET /tunnel HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
inline const std::string kUpstreamRequest = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
inline const std::string kUpstreamAnswer = "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n\r\n";
inline constexpr wire::CloseReason kBye{wire::CloseCode::session_revoked, "BYE"};
inline const std::string kClientAnswer = "HTTP/1.1 101 Go\r\n\r\n";

// Returns a server's frame.
inline std::string server_frame(char opcode, std::string_view payload) {
  std::string frame;
  wire::append_frame(frame, static_cast<wire::Opcode>(opcode), payload);
  return frame;
}

// A close frame of usher's to the client, and to the upstream.
inline std::string close_frame(wire::CloseReason reason) {
  std::string frame;
  wire::append_close_frame(frame, reason);
  return frame;
}
inline std::string masked_close_frame(wire::CloseReason reason) {
  std::string frame;
  wire::append_masked_frame(frame, wire::Opcode::close, close_frame(reason).substr(2),
                            {0x75, 0x73, 0x68, 0x72});
  return frame;
}

inline std::string text_of(const edge::Unreachable& reason) {
  static constexpr std::array kWhys = {"refused", "timed out", "not spoken"};
  return std::string(kWhys[static_cast<std::size_t>(reason.why)]) + ": " + std::string(reason.what);
}

// Dials at once, opens the tunnel when the upstream answers, refuses the client otherwise. It notes
// what it hears: "answer:101", "unreachable:<why>: <what>", "turn", "deadline", "idle", "shutdown",
// "closed:<code>:<reason>".
class NotingTunnelSession final : public edge::TunnelSession {
 public:
  struct Notes {
    std::vector<std::string> heard;
    std::array<std::size_t, 2> passed{};  // by edge::Direction
    edge::TunnelOutlet* outlet = nullptr;
    std::function<void(edge::TunnelOutlet&)> on_answer, on_turn;
  };

  NotingTunnelSession(edge::TunnelOutlet& outlet, Notes& notes) : outlet_(outlet), notes_(notes) {
    notes_.outlet = &outlet;
    outlet.dial(0, kUpstreamRequest);
  }

  void on_answer(const wire::HttpAnswer& answer, TimePoint) override {
    note("answer:" + std::to_string(answer.status));
    notes_.on_answer ? notes_.on_answer(outlet_) : outlet_.open(kClientAnswer);
  }
  void on_unreachable(const edge::Unreachable& reason, TimePoint) override {
    note("unreachable:" + text_of(reason));
    outlet_.refuse(kClientAnswer, {wire::CloseCode::try_again_later, "AWAY"});
  }
  void on_deadline(TimePoint) override { note("deadline"); }
  void on_turn(TimePoint) override {
    note("turn");
    if (notes_.on_turn) notes_.on_turn(outlet_);
  }
  void on_shutdown(Duration) override {
    note("shutdown");
    outlet_.close({wire::CloseCode::going_away, "SHUTDOWN"});
  }
  void on_closed(const edge::Ending& ending) override {
    note("closed:" + std::to_string(ending.code) + ":" + std::string(ending.reason));
  }
  void on_passed(edge::Direction direction, std::size_t bytes) override {
    notes_.passed[static_cast<std::size_t>(direction)] += bytes;
  }
  void on_idle(TimePoint) override {
    note("idle");
    outlet_.close({wire::CloseCode::going_away, "IDLE"});
  }

 private:
  void note(std::string line) { notes_.heard.push_back(std::move(line)); }

  edge::TunnelOutlet& outlet_;
  Notes& notes_;
};

// A listening unix socket in a folder of its own.
class UnixListener {
 public:
  UnixListener() {
    std::string pattern = testing::TempDir() + "usher-XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    path().copy(where.sun_path, sizeof where.sun_path - 1);
    listener_ = Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    EXPECT_EQ(bind(listener_.get(), reinterpret_cast<sockaddr*>(&where), sizeof where), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
  }
  ~UnixListener() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string path() const { return folder_ + "/socket"; }
  Fd accept() const {
    return Fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  }
  void close() { listener_.reset(); }

 private:
  std::string folder_;
  Fd listener_;
};

class TunnelFixture : public TurnsFixture {
 protected:
  explicit TunnelFixture(UpstreamTarget target = {}, ShardOptions options = {})
      : TurnsFixture(options), addresses({at_listener(std::move(target))}, nullptr, io, {}, clock) {
    context.set_upstreams(addresses);
    application.make_tunnel = [this](edge::TunnelOutlet& outlet, const edge::TunnelOpening&) {
      return std::make_unique<NotingTunnelSession>(outlet, notes);
    };
  }

  UpstreamTarget at_listener(UpstreamTarget target) {
    target.unix_path = listener.path();
    return target;
  }

  // Asks for a tunnel, up to the upstream's connection.
  void ask(std::string_view early = "") {
    client = connect();
    say(client, kTunnelUpgrade + std::string(early));
    turn();
    upstream = listener.accept();
    ASSERT_TRUE(upstream);
    turn();
    ASSERT_EQ(receive(upstream), kUpstreamRequest);
  }
  void open(std::string_view early = "", std::string_view rest = "") {
    ask(early);
    say(upstream, kUpstreamAnswer + std::string(rest));
    turn();
    EXPECT_EQ(hear(client), kClientAnswer + std::string(rest));
    EXPECT_EQ(hear(upstream), early);
    notes.heard.clear();
  }

  // usher ends the tunnel.
  void close() {
    notes.on_turn = [](edge::TunnelOutlet& outlet) { outlet.close(kBye); };
    notes.outlet->wake();
    turn();
  }
  // Sends frames until usher takes no more.
  void fill(const Fd& from, const std::string& frame) {
    while (!is_unread(from)) {
      say(from, frame);
      turn();
    }
  }

  // Returns all that comes, with kEnd behind it if the other side has finished.
  std::string hear(const Fd& peer) {
    std::string all;
    for (int silent = 0; silent < 3 && !all.ends_with(kEnd);) {
      const std::string more = receive(peer);
      silent = more.empty() ? silent + 1 : 0;
      all += more;
      turn();
    }
    return all;
  }

  // Returns whether bytes of `peer` have not been read yet.
  static bool is_unread(const Fd& peer) {
    int bytes = 0;
    EXPECT_EQ(ioctl(peer.get(), TIOCOUTQ, &bytes), 0);
    return bytes > 0;
  }
  static std::size_t unread_by(const Fd& peer) {
    int bytes = 0;
    EXPECT_EQ(ioctl(peer.get(), FIONREAD, &bytes), 0);
    return static_cast<std::size_t>(bytes);
  }

  // Both ends leave, and time passes: nothing is left of the tunnel.
  void expect_nothing_left() {
    client = Fd();
    upstream = Fd();
    for (int i = 0; i < 4; ++i) turn(std::chrono::seconds(11));
    EXPECT_EQ(table.size(), 0u);
    EXPECT_EQ(application.admitted, 0);
    EXPECT_EQ(application.sockets, 0);
    EXPECT_FALSE(context.wheel().next());
    EXPECT_TRUE(application.errors.empty());
    std::size_t places = 0;
    while (context.may_linger()) ++places;
    EXPECT_EQ(places, context.options().lingering_max);
    while (places-- > 0) context.end_linger();
  }

  boost::asio::io_context io{1};
  UnixListener listener;
  UpstreamAddresses addresses;
  NotingTunnelSession::Notes notes;
  Fd client, upstream;
};

}  // namespace usher::net
