// echo_server --port N: text and binary echo without a ticket, on the gateway's own wire/ and net/
// code, for protocol suites. Prints `listening on 127.0.0.1:PORT`.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "base/system.h"
#include "net/listen_address.h"
#include "net/shard.h"

namespace {

using namespace usher;

class EchoSession final : public edge::Session {
 public:
  explicit EchoSession(edge::Outlet& outlet) : outlet_(outlet) { outlet_.release(); }

  void on_text(std::string_view message, TimePoint) override { outlet_.send_text(message); }
  void on_binary(std::string_view message, TimePoint) override { outlet_.send_binary(message); }
  void on_pong(TimePoint) override {}
  void on_deadline(TimePoint) override {}
  void on_turn(TimePoint) override {}
  void on_shutdown(Duration) override {
    outlet_.close({wire::CloseCode::going_away, "SERVER_SHUTDOWN"});
  }
  void on_closed(const edge::Ending&) override {}

 private:
  edge::Outlet& outlet_;
};

class EchoApplication final : public edge::Application {
 public:
  std::optional<edge::Endpoint> endpoint(const wire::HttpRequest&, edge::ListenerRole) override {
    return edge::Endpoint::ws;
  }
  std::optional<wire::HttpResponse> admit(const edge::RequestContext&, bool) override {
    return std::nullopt;
  }
  void release() override {}
  std::unique_ptr<edge::Session> open(edge::Outlet& outlet, const edge::Opening&,
                                      TimePoint) override {
    return std::make_unique<EchoSession>(outlet);
  }
  std::unique_ptr<edge::TunnelSession> open_tunnel(edge::TunnelOutlet&, const edge::TunnelOpening&,
                                                   TimePoint) override {
    return nullptr;
  }
  edge::BodyLimit body_limit(const edge::RequestContext&) override { return {.bytes_max = 65536}; }
  void handle(const edge::RequestContext&, edge::Respond respond) override { respond(plain(426)); }
  wire::HttpResponse refuse(int status, std::string_view, const edge::RequestContext&) override {
    return plain(status);
  }
  void on_internal_error(std::string_view) override {}
  void on_socket(int) override {}
  void tick(TimePoint) override {}

 private:
  static wire::HttpResponse plain(int status) {
    wire::HttpResponse response;
    response.status = status;
    response.close = true;
    if (status == 426) response.set("Sec-WebSocket-Version", "13");
    return response;
  }
};

}  // namespace

int main(int argc, char** argv) {
  std::string port = "0";
  std::size_t message_bytes_max = 16 << 20;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--port") == 0) port = argv[i + 1];
    if (std::strcmp(argv[i], "--message-bytes") == 0)
      message_bytes_max = std::strtoull(argv[i + 1], nullptr, 10);
  }
  std::signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  const SystemWallClock wall_clock;
  SilentLog log;
  limits::HalfOpen half_open(0);
  net::Congestion congestion;
  const net::TrustedProxies proxies({});
  net::ShardOptions options;
  options.binary = true;
  options.message_bytes_max = message_bytes_max;
  options.outbox_bytes_max = 4 * message_bytes_max;
  EchoApplication application;
  net::Shard shard(options, {clock, wall_clock, log, half_open, proxies, congestion});
  shard.serve(application);
  net::ListenAddress address = net::parse_listen_address("127.0.0.1:" + port);
  auto listeners = net::open_listeners(address, 1);
  shard.listen(std::move(listeners[0]), edge::ListenerRole::client, nullptr);
  std::printf("listening on %s\n", address.text.c_str());
  std::fflush(stdout);
  shard.run();
}
