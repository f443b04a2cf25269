#include "net/shard.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/system.h"
#include "support/recording_log.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

// Echoes messages. The message "broken" breaks an invariant.
class EchoSession final : public edge::Session {
 public:
  EchoSession(edge::Outlet& outlet, std::vector<std::uint16_t>& endings)
      : outlet_(outlet), endings_(endings) {
    outlet_.release();
  }
  void on_text(std::string_view message, TimePoint) override {
    USHER_INVARIANT(message != "broken");
    outlet_.send_text(message);
  }
  void on_binary(std::string_view, TimePoint) override {}
  void on_pong(TimePoint) override {}
  void on_deadline(TimePoint) override {}
  void on_turn(TimePoint) override {}
  void on_shutdown(Duration) override {}
  void on_closed(const edge::Ending& ending) override { endings_.push_back(ending.code); }

 private:
  edge::Outlet& outlet_;
  std::vector<std::uint16_t>& endings_;
};

// Answers every request with its body. The body "broken" breaks an invariant.
class Echo final : public edge::Application {
 public:
  std::optional<edge::Endpoint> endpoint(const wire::HttpRequest& request,
                                         edge::ListenerRole) override {
    return request.target == "/ws" ? std::optional(edge::Endpoint::ws) : std::nullopt;
  }
  std::optional<wire::HttpResponse> admit(const edge::RequestContext&, bool) override {
    return std::nullopt;
  }
  void release() override {}
  std::unique_ptr<edge::Session> open(edge::Outlet& outlet, const edge::Opening&,
                                      TimePoint) override {
    return std::make_unique<EchoSession>(outlet, endings);
  }
  edge::BodyLimit body_limit(const edge::RequestContext&) override { return {.bytes_max = 1024}; }
  void handle(const edge::RequestContext& context, edge::Respond respond) override {
    USHER_INVARIANT(context.request.body != "broken");
    ++handled;
    if (context.request.body == "hi") handled_before_hi = handled - 1;
    wire::HttpResponse response;
    response.status = 200;
    response.body = context.request.body;
    respond(std::move(response));
  }
  wire::HttpResponse refuse(int status, std::string_view, const edge::RequestContext&) override {
    wire::HttpResponse response;
    response.status = status;
    return response;
  }
  std::unique_ptr<edge::TunnelSession> open_tunnel(edge::TunnelOutlet&, const edge::TunnelOpening&,
                                                   TimePoint) override {
    return nullptr;
  }
  void on_internal_error(std::string_view what) override { errors.emplace_back(what); }
  void on_socket(int) override {}
  void tick(TimePoint) override {}

  // To be read on the shard's thread only.
  std::vector<std::string> errors;
  std::vector<std::uint16_t> endings;
  int handled = 0;
  int handled_before_hi = 0;
};

class ShardTest : public testing::Test {
 protected:
  ShardTest() {
    shard.serve(application);
    thread = std::thread([this] { shard.run(); });
  }
  ~ShardTest() override {
    shard.stop();
    thread.join();
    shard.close_all();
  }

  // Returns the peer's end of a connection of the shard.
  Fd connect() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    run_on_shard([this, fd = ends[0]] {
      sockaddr_storage peer{};
      peer.ss_family = AF_UNIX;
      fcntl(fd, F_SETFL, O_NONBLOCK);
      shard.adopt(Fd(fd), peer, edge::ListenerRole::client, nullptr);
    });
    return Fd(ends[1]);
  }
  // Returns when `task` has run there, in a turn of the shard's loop.
  void run_on_shard(Mailbox::Task task) {
    std::promise<void> ran;
    shard.post([&] {
      task();
      ran.set_value();
    });
    ran.get_future().wait();
  }
  static std::string receive(const Fd& peer, int flags) {
    char buffer[4096];
    const ssize_t count = recv(peer.get(), buffer, sizeof buffer, flags);
    return count < 0 ? "" : std::string(buffer, static_cast<std::size_t>(count));
  }
  static void ask(const Fd& peer, const std::string& body = "hi") {
    const std::string request =
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    ASSERT_EQ(send(peer.get(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
  }

  SystemClock clock;
  SystemWallClock wall_clock;
  test::RecordingLog log;
  limits::HalfOpen half_open{0};
  const TrustedProxies proxies{{}};
  Congestion congestion;
  Echo application;
  Shard shard{{}, {clock, wall_clock, log, half_open, proxies, congestion}};
  std::thread thread;
};

TEST_F(ShardTest, WhileAnotherShardIsBehindItsOwnTasksRunAndNothingIsReadFromClients) {
  const Fd peer = connect();
  congestion.add_shard_behind();
  ask(peer);
  for (int turn = 0; turn < 50; ++turn) run_on_shard([] {});
  EXPECT_EQ(receive(peer, MSG_DONTWAIT), "");
  congestion.remove_shard_behind();
  const std::string answer = receive(peer, 0);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nhi")) << answer;
}

TEST_F(ShardTest, ManyWhoAskInOneTurnAreAllAnsweredInOneBatchAndThenAgain) {
  std::vector<Fd> peers;
  for (std::size_t i = 0; i < BatchSender::kBatchMax + 10; ++i) peers.push_back(connect());
  for (int round = 0; round < 2; ++round) {
    congestion.add_shard_behind();  // nothing is read meanwhile
    for (std::size_t i = 0; i < peers.size(); ++i) ask(peers[i], std::to_string(i));
    congestion.remove_shard_behind();
    for (std::size_t i = 0; i < peers.size(); ++i) {
      const std::string answer = receive(peers[i], 0);
      EXPECT_TRUE(answer.ends_with("\r\n\r\n" + std::to_string(i))) << answer;
    }
  }
}

TEST_F(ShardTest, ABrokenInvariantOfARequestCostsItsConnectionAlone) {
  const Fd good = connect();
  const Fd bad = connect();
  ask(bad, "broken");
  EXPECT_EQ(receive(bad, 0), "") << "it is closed";
  ask(good);
  EXPECT_TRUE(receive(good, 0).ends_with("\r\n\r\nhi"));
  run_on_shard([this] {
    ASSERT_EQ(application.errors.size(), 1u);
    EXPECT_NE(application.errors[0].find("shard_test.cc"), std::string::npos);
  });
}

TEST_F(ShardTest, ABrokenInvariantOfASessionEndsItWith1011) {
  const auto upgrade = [](const Fd& peer) {
    const std::string request =
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    ASSERT_EQ(send(peer.get(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    EXPECT_TRUE(receive(peer, 0).starts_with("HTTP/1.1 101 "));
  };
  const auto say = [](const Fd& peer, const std::string& text) {
    std::string frame{'\x81', static_cast<char>(0x80 | text.size()), 0, 0, 0, 0};
    frame += text;
    ASSERT_EQ(send(peer.get(), frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
  };
  const Fd good = connect();
  const Fd bad = connect();
  upgrade(good);
  upgrade(bad);
  say(bad, "broken");
  const std::string closing = receive(bad, 0);
  EXPECT_EQ(closing.substr(0, 4), "\x88\x10\x03\xF3") << "1011";
  EXPECT_EQ(closing.substr(4), "INTERNAL_ERROR");
  say(good, "hello");
  EXPECT_EQ(receive(good, 0), "\x81\x05hello");
  run_on_shard([this] { EXPECT_EQ(application.endings, std::vector<std::uint16_t>{1011}); });
}

// Requests that one connection has sent at once do not make another wait.
TEST_F(ShardTest, PipelinedRequestsAreAnsweredInOrderOneForEachTurn) {
  const Fd peer = connect();
  std::string requests;
  constexpr int kCount = 1500;
  for (int i = 0; i < kCount; ++i) requests += "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  congestion.add_shard_behind();  // nothing is read meanwhile
  ASSERT_EQ(send(peer.get(), requests.data(), requests.size(), 0),
            static_cast<ssize_t>(requests.size()));
  const Fd other = connect();
  ask(other);
  congestion.remove_shard_behind();
  EXPECT_TRUE(receive(other, 0).ends_with("\r\n\r\nhi"));
  run_on_shard([&] { EXPECT_LE(application.handled_before_hi, 1); });
  std::string answers;
  const auto count_of = [&answers] {
    int count = 0;
    for (std::size_t at = 0; (at = answers.find("HTTP/1.1 200", at)) != std::string::npos; ++at) {
      ++count;
    }
    return count;
  };
  while (count_of() < kCount) {
    const std::string more = receive(peer, 0);
    ASSERT_FALSE(more.empty());
    answers += more;
  }
  EXPECT_EQ(count_of(), kCount);
}

}  // namespace
}  // namespace usher::net
