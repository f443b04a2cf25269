#include "net/shard.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "base/system.h"
#include "support/recording_log.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

// Answers every request with its body.
class Echo final : public Application {
 public:
  std::optional<session::Endpoint> endpoint(const wire::HttpRequest&, gateway::Listener) override {
    return std::nullopt;
  }
  std::optional<wire::HttpResponse> admit(const gateway::RequestContext&, bool) override {
    return std::nullopt;
  }
  void release() override {}
  std::unique_ptr<session::Session> open(session::Link&, const session::Opening&,
                                         TimePoint) override {
    return nullptr;
  }
  std::size_t body_bytes_max(const wire::HttpRequest&, gateway::Listener) override { return 1024; }
  void handle(const gateway::RequestContext& context, gateway::Respond respond) override {
    wire::HttpResponse response;
    response.status = 200;
    response.body = context.request.body;
    respond(std::move(response));
  }
  wire::HttpResponse refuse(int status, std::string_view, const wire::HttpRequest*,
                            TimePoint) override {
    wire::HttpResponse response;
    response.status = status;
    return response;
  }
  void on_socket(int) override {}
  void tick(TimePoint) override {}
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

  // The peer's end of a connection of the shard.
  Fd connect() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    run_on_shard([this, fd = ends[0]] {
      sockaddr_storage peer{};
      peer.ss_family = AF_UNIX;
      fcntl(fd, F_SETFL, O_NONBLOCK);
      shard.adopt(Fd(fd), peer, gateway::Listener::client, nullptr);
    });
    return Fd(ends[1]);
  }
  // Returns when it has run there: a turn of the shard's loop has passed.
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
  HalfOpen half_open{0};
  const TrustedProxies proxies{{}};
  Congestion congestion;
  Echo application;
  Shard shard{{}, {clock, wall_clock, log, half_open, proxies, congestion}};
  std::thread thread;
};

TEST_F(ShardTest, WhileAnotherShardIsBehindItsOwnTasksRunAndNothingIsReadFromClients) {
  const Fd peer = connect();
  congestion.enter();
  ask(peer);
  for (int turn = 0; turn < 50; ++turn) run_on_shard([] {});
  EXPECT_EQ(receive(peer, MSG_DONTWAIT), "");
  congestion.leave();
  const std::string answer = receive(peer, 0);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nhi")) << answer;
}

TEST_F(ShardTest, ManyWhoAskInOneTurnAreAllAnsweredInOneBatchAndThenAgain) {
  std::vector<Fd> peers;
  for (std::size_t i = 0; i < BatchSender::kBatchMax + 10; ++i) peers.push_back(connect());
  for (int round = 0; round < 2; ++round) {
    congestion.enter();  // nothing is read meanwhile
    for (std::size_t i = 0; i < peers.size(); ++i) ask(peers[i], std::to_string(i));
    congestion.leave();
    for (std::size_t i = 0; i < peers.size(); ++i) {
      const std::string answer = receive(peers[i], 0);
      EXPECT_TRUE(answer.ends_with("\r\n\r\n" + std::to_string(i))) << answer;
    }
  }
}

}  // namespace
}  // namespace usher::net
