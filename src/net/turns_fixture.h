// A shard's sockets without its loop: the test makes the turns and moves the clock. The application
// and its sessions record the calls that they get.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "net/connection_table.h"
#include "net/flusher.h"
#include "net/http_socket.h"
#include "net/turn_budget.h"
#include "support/manual_clock.h"
#include "support/manual_wall_clock.h"
#include "support/recording_log.h"

namespace usher::net {

class NotingSession;

// Opens WebSockets at /ws, and tunnels at /tunnel by `make_tunnel`. Refuses bodies at /no, answers /later when the test calls `later`,
// breaks an invariant at /broken, and answers all other paths with the length of their body.
class NotingApplication final : public edge::Application {
 public:
  std::optional<edge::Endpoint> endpoint(const wire::HttpRequest& request,
                                         edge::ListenerRole) override {
    if (request.path() == "/tunnel") return edge::Endpoint::tunnel;
    return request.path() == "/ws" ? std::optional(edge::Endpoint::ws) : std::nullopt;
  }
  std::optional<wire::HttpResponse> admit(const edge::RequestContext&, bool) override {
    if (!admits) return wire::HttpResponse{.status = 503};
    ++admitted;
    return std::nullopt;
  }
  void release() override { --admitted; }
  std::unique_ptr<edge::Session> open(edge::Outlet& outlet, const edge::Opening& opening,
                                      TimePoint now) override;
  edge::BodyLimit body_limit(const edge::RequestContext& head) override {
    return {.bytes_max = 1 << 20, .wanted = head.request.path() != "/no"};
  }
  void handle(const edge::RequestContext& context, edge::Respond respond) override {
    USHER_INVARIANT(context.request.path() != "/broken");
    requests.push_back(std::string(context.request.method) + " " +
                       std::string(context.request.target));
    addresses.emplace_back(context.peer_address);
    if (context.request.path() == "/later") {
      later = std::move(respond);
      return;
    }
    wire::HttpResponse response;
    response.status = context.body_too_large ? 401 : 200;
    response.body = std::to_string(context.request.body.size());
    respond(std::move(response));
  }
  wire::HttpResponse refuse(int status, std::string_view, const edge::RequestContext&) override {
    return {.status = status};
  }
  std::unique_ptr<edge::TunnelSession> open_tunnel(edge::TunnelOutlet& tunnel,
                                                   const edge::TunnelOpening& opening,
                                                   TimePoint) override {
    return make_tunnel(tunnel, opening);
  }
  void on_internal_error(std::string_view what) override { errors.emplace_back(what); }
  void on_socket(int change) override { sockets += change; }
  void tick(TimePoint) override {}

  bool admits = true;
  bool releases = true;  // open() releases its outlet
  int admitted = 0;
  int sockets = 0;
  std::vector<std::string> requests;
  std::vector<std::string> addresses;
  std::vector<std::string> errors;
  edge::Respond later;
  std::function<std::unique_ptr<edge::TunnelSession>(edge::TunnelOutlet&,
                                                     const edge::TunnelOpening&)>
      make_tunnel;

  // Of all sessions: "text:…", "binary", "pong", "deadline", "turn", "shutdown", "closed:<code>".
  std::vector<std::string> heard;
  std::function<void(edge::Outlet&, std::string_view text)> on_text;
  std::function<void(edge::Outlet&)> on_turn;
  edge::Outlet* outlet = nullptr;  // of the latest session
};

class NotingSession final : public edge::Session {
 public:
  NotingSession(edge::Outlet& outlet, NotingApplication& application)
      : outlet_(outlet), application_(application) {}

  void on_text(std::string_view message, TimePoint) override {
    application_.heard.push_back("text:" + std::string(message));
    if (application_.on_text) application_.on_text(outlet_, message);
  }
  void on_binary(std::string_view, TimePoint) override { application_.heard.push_back("binary"); }
  void on_pong(TimePoint) override { application_.heard.push_back("pong"); }
  void on_deadline(TimePoint) override { application_.heard.push_back("deadline"); }
  void on_turn(TimePoint) override {
    application_.heard.push_back("turn");
    if (application_.on_turn) application_.on_turn(outlet_);
  }
  void on_shutdown(Duration) override {
    application_.heard.push_back("shutdown");
    outlet_.close({wire::CloseCode::going_away, "SHUTDOWN"});
  }
  void on_closed(const edge::Ending& ending) override {
    application_.heard.push_back("closed:" + std::to_string(ending.code));
  }

 private:
  edge::Outlet& outlet_;
  NotingApplication& application_;
};

inline std::unique_ptr<edge::Session> NotingApplication::open(edge::Outlet& opened,
                                                              const edge::Opening&, TimePoint) {
  outlet = &opened;
  if (releases) opened.release();
  return std::make_unique<NotingSession>(opened, *this);
}

// An accepted socket whose bytes mean nothing. It records the calls that it gets.
class NotingSocket final : public HttpSocket {
 public:
  NotingSocket(ShardContext& shard, Fd fd) : HttpSocket(shard, Socket(std::move(fd), nullptr)) {
    EXPECT_TRUE(start());
  }
  void ask_for_turn() override { ++turns_asked; }
  void upgrade(const edge::Opening&, std::string, std::span<const char>) override {}
  void become_tunnel(const edge::TunnelOpening&, std::span<const char>) override {}
  void run() override {}
  bool awaits_goodbye() const override { return false; }
  void say_goodbye(Duration) override {}

  // For Connection only, otherwise.
  using AcceptedSocket::advance;
  using AcceptedSocket::drop_unsent;
  using AcceptedSocket::push;
  using AcceptedSocket::receive;

  int turns_asked = 0;
  int all_sent = 0;
  bool breaks_when_sent = false;
  std::vector<std::uint32_t> events;
  bool is_closed = false;

 private:
  void on_events(std::uint32_t now) override {
    events.push_back(now);
    if ((now & EPOLLOUT) != 0) note_writable();
  }
  void on_deadline(TimePoint) override { advance(Event::timed_out); }
  void on_all_sent() override {
    ++all_sent;
    USHER_INVARIANT(!breaks_when_sent);
  }
  void on_closed() override { is_closed = true; }
};

// Returns two connected, non-blocking sockets: ours and the peer's.
inline std::pair<Fd, Fd> socket_pair() {
  std::array<int, 2> ends{};
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
  return {Fd(ends[0]), Fd(ends[1])};
}

inline constexpr std::string_view kEnd = "<end>";

// Returns all that has come, and kEnd after it if the other side has finished sending or is gone.
inline std::string receive(const Fd& peer) {
  std::string all;
  std::array<char, 65536> buffer;
  while (true) {
    const ssize_t count = recv(peer.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EAGAIN) return all;
    if (count <= 0) return all += kEnd;
    all.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

inline void say(const Fd& peer, std::string_view bytes) {
  ASSERT_EQ(send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

// Returns a client's frame, with a mask of zeros.
inline std::string client_frame(char opcode, std::string_view payload) {
  std::string frame{static_cast<char>(0x80 | opcode)};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += {static_cast<char>(0x80 | 126), static_cast<char>(payload.size() >> 8),
              static_cast<char>(payload.size())};
  }
  frame.append(4, '\0');
  return frame.append(payload);
}
inline std::string client_text(std::string_view text) { return client_frame(1, text); }
inline std::string client_close(std::string_view code) { return client_frame(8, code); }

inline const std::string kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

class TurnsFixture : public testing::Test {
 protected:
  explicit TurnsFixture(ShardOptions options = {}, std::uint64_t half_open_max = 0,
                        std::vector<std::string> trusted = {})
      : half_open(half_open_max), proxies(std::move(trusted)), context(options, dependencies()) {
    context.set_application(application);
  }

  ShardDependencies dependencies() {
    return {clock, wall_clock, log, half_open, proxies, congestion, &room};
  }

  // Returns the peer's end of a new connection with an address of `family`.
  Fd connect(sa_family_t family = AF_UNIX) {
    auto [ours, peer] = socket_pair();
    sockaddr_storage address{};
    address.ss_family = family;
    table.adopt(std::move(ours), address, edge::ListenerRole::client, nullptr);
    return std::move(peer);
  }
  Fd connect_web_socket() {
    Fd peer = connect();
    say(peer, kUpgrade);
    turn();
    EXPECT_TRUE(receive(peer).starts_with("HTTP/1.1 101 "));
    return peer;
  }

  // Makes one turn of the loop, `later` than the last.
  void turn(Duration later = {}) {
    clock.advance(later);
    context.read_clock();
    const TurnBudget budget(clock);
    context.poller().handle_ready(budget);
    table.bury_retired();
    context.wheel().advance(context.now(), budget);
    for (std::size_t left = context.to_run().size(); left > 0; --left)
      context.to_run().take()->run();
    context.delayed_flushes().end_windows(
        context.now(), [this](AcceptedSocket& socket) { context.to_flush().add(socket); });
    {
      const NotReentrant::Scope flushing(context.flushing());
      flusher.flush(context.to_flush());
    }
    table.bury_retired();
  }

  std::size_t count_heard(std::string_view start) const {
    return static_cast<std::size_t>(
        std::count_if(application.heard.begin(), application.heard.end(),
                      [&](const std::string& line) { return line.starts_with(start); }));
  }

  test::ManualClock clock;
  test::ManualWallClock wall_clock;
  test::RecordingLog log;
  limits::HalfOpen half_open;
  const TrustedProxies proxies;
  Congestion congestion;
  BodyRoom room{{.bytes_max = 128 * 1024}};
  NotingApplication application;
  ShardContext context;
  ConnectionTable table{context};
  Flusher flusher{BatchSender::Way::one_by_one, context.join_buffer()};
};

}  // namespace usher::net
