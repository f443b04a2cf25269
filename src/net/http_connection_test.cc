#include "net/http_connection.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <future>
#include <string>
#include <thread>

#include "base/system.h"
#include "net/shard.h"
#include "support/recording_log.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRoom = 64 * 1024;

// Wants bodies at all paths but /no, and says how long they were.
class Measure final : public edge::Application {
 public:
  std::optional<edge::Endpoint> endpoint(const wire::HttpRequest&, edge::ListenerRole) override {
    return std::nullopt;
  }
  std::optional<wire::HttpResponse> admit(const edge::RequestContext&, bool) override {
    return std::nullopt;
  }
  void release() override {}
  std::unique_ptr<edge::Session> open(edge::Outlet&, const edge::Opening&, TimePoint) override {
    return nullptr;
  }
  edge::BodyLimit body_limit(const edge::RequestContext& head) override {
    return {.bytes_max = 1 << 20, .wanted = head.request.path() != "/no"};
  }
  void handle(const edge::RequestContext& context, edge::Respond respond) override {
    wire::HttpResponse response;
    response.status = context.body_too_large ? 401 : 200;
    response.body = std::to_string(context.request.body.size());
    respond(std::move(response));
  }
  wire::HttpResponse refuse(int status, std::string_view, const edge::RequestContext&) override {
    wire::HttpResponse response;
    response.status = status;
    return response;
  }
  void on_internal_error(std::string_view) override {}
  void on_socket(int) override {}
  void tick(TimePoint) override {}
};

class HttpConnectionTest : public testing::Test {
 protected:
  HttpConnectionTest() {
    shard.serve(application);
    thread = std::thread([this] { shard.run(); });
  }
  ~HttpConnectionTest() override {
    shard.stop();
    thread.join();
    shard.close_all();
  }

  // The peer's end of a connection of the shard.
  Fd connect() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    std::promise<void> adopted;
    shard.post([&] {
      sockaddr_storage peer{};
      peer.ss_family = AF_UNIX;
      fcntl(ends[0], F_SETFL, O_NONBLOCK);
      shard.adopt(Fd(ends[0]), peer, edge::ListenerRole::client, nullptr);
      adopted.set_value();
    });
    adopted.get_future().wait();
    return Fd(ends[1]);
  }
  static void say(const Fd& peer, const std::string& bytes) {
    ASSERT_EQ(send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // All that comes until the shard's end is closed.
  static std::string hear(const Fd& peer) {
    std::string all;
    char buffer[4096];
    for (ssize_t count; (count = recv(peer.get(), buffer, sizeof buffer, 0)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(count));
    }
    return all;
  }
  static std::string head(const std::string& path, std::size_t length) {
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
           std::to_string(length) + "\r\n\r\n";
  }

  SystemClock clock;
  SystemWallClock wall_clock;
  test::RecordingLog log;
  limits::HalfOpen half_open{0};
  const TrustedProxies proxies{{}};
  Congestion congestion;
  BodyRoom room{{.bytes_max = 2 * kRoom}};
  Measure application;
  Shard shard{{.head_timeout = 50ms, .keep_alive_timeout = 50ms},
              {clock, wall_clock, log, half_open, proxies, congestion, &room}};
  std::thread thread;
};

TEST_F(HttpConnectionTest, ASilentPeerIsLeftWithoutAWordEvenAfterEmptyLines) {
  for (const char* said : {"", "\r\n", "\r\n\r"}) {
    const Fd peer = connect();
    say(peer, said);
    EXPECT_EQ(hear(peer), "");
  }
}

TEST_F(HttpConnectionTest, AnUnfinishedHeadIsToldThatItCameTooLate) {
  const Fd peer = connect();
  say(peer, "\r\nGET / HT");
  EXPECT_TRUE(hear(peer).starts_with("HTTP/1.1 408 "));
}

TEST_F(HttpConnectionTest, ABodyThatIsNotWantedIsAnsweredAtOnce) {
  const Fd peer = connect();
  say(peer, head("/no", 1 << 20) + "x");
  EXPECT_TRUE(hear(peer).starts_with("HTTP/1.1 401 "));
  EXPECT_EQ(room.bytes(Caller::client), 0u);
}

TEST_F(HttpConnectionTest, WhatAnUnfinishedBodyOccupiesIsBoundedAndGivenBack) {
  const Fd small = connect();
  say(small, head("/", 1000) + std::string(999, 'x'));
  say(small, "x");
  EXPECT_TRUE(hear(small).ends_with("\r\n\r\n1000"));
  const Fd large = connect();
  say(large, head("/", 1 << 20) + std::string(3 * kRoom, 'x'));
  EXPECT_TRUE(hear(large).starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(room.bytes(Caller::client), 0u);
}

}  // namespace
}  // namespace usher::net
