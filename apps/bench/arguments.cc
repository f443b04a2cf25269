#include "apps/bench/arguments.h"

#include "apps/arguments.h"
#include "bench/load/fanout_message.h"

namespace usher::apps {
namespace {

using namespace bench;

constexpr const char* kExamples =
    "Example: usher bench connect --url http://127.0.0.1:8080 --secret-file jwt.secret\n"
    "  usher bench connect --tickets prepared --target-pid $(pidof usher) --json\n"
    "  usher bench idle --count 8000 --target-pid $(pidof usher)\n"
    "  usher bench fanout --subscribers 1000 --in-flight 4 --api-key-file api.key\n"
    "  usher bench fanout --bare --url ws://127.0.0.1:9001/sub --publish-path /pub\n"
    "  usher bench echo --bare --url ws://127.0.0.1:9001/echo\n"
    "  usher bench tunnel --path /board --bytes 16384 --target-pid $(pidof usher)\n"
    "  usher bench idle --path /board --count 8000 --target-pid $(pidof usher)\n"
    "  usher bench storm --clients 8000 --command 'usher serve --config usher.toml' --api-key-file "
    "k\n"
    "docs/performance.md says what each mode does and what its numbers mean.";

void add_shared(Arguments& mode, BenchArguments& a) {
  mode.text("--url", a.url, "the gateway's URL; with --bare, the URL of the WebSocket")
      .shows_default();
  mode.flag("--bare", a.bare, "measure any WebSocket server, without tickets");
  mode.text("--secret-file", a.secret_file,
            "sign a token for each client with this secret; without it, clients are guests");
  mode.text("--origin", a.origin, "the Origin that clients send");
  mode.numbers("--target-pid", a.target_pids,
               "the server's process: report its CPU and memory; may be repeated");
  mode.number("--threads", a.threads, 1, kThreadsMax,
              "threads that make the load, each with its share of the clients");
  mode.text("--timeout", a.timeout, "fail after this time without any progress").shows_default();
  mode.flag("--json", a.json, "print one JSON object");
}

// Returns the option.
Arguments::Option add_path(Arguments& mode, BenchArguments& a) {
  return mode.text("--path", a.upstream,
                   "an upstream's path, for example /board: through the proxy door instead of /ws");
}

void add_connect(Arguments& app, BenchArguments& a) {
  Arguments& mode = app.mode("connect", "handshakes; each connection is closed at once",
                             [&a] { a.mode = BenchMode::connect; });
  add_shared(mode, a);
  add_path(mode, a);
  mode.number("--count", a.connect.count, 1, 10'000'000, "handshakes");
  mode.number("--concurrency", a.connect.concurrency, 1, 10'000, "handshakes at a time");
  mode.choice<Tickets>(
      "--tickets", a.connect.tickets, {{"each", Tickets::each}, {"prepared", Tickets::prepared}},
      "each: one ticket call for each handshake; prepared: all tickets beforehand, not "
      "measured");
  mode.choice<Farewell>(
      "--close", a.connect.farewell, {{"frame", Farewell::frame}, {"reset", Farewell::reset}},
      "frame: close frames in both directions, as browsers do; reset: a TCP reset");
}

void add_idle(Arguments& app, BenchArguments& a) {
  Arguments& mode =
      app.mode("idle", "memory of connections that do nothing", [&a] { a.mode = BenchMode::idle; });
  add_shared(mode, a);
  add_path(mode, a);
  mode.number("--count", a.idle.count, 1, 1'000'000, "connections that are measured");
  mode.number("--before", a.idle.before, 0, 1'000'000,
              "connections before them, which are not measured");
}

// Returns the option that says how is published.
Arguments::Option add_fanout(Arguments& app, BenchArguments& a) {
  Arguments& mode = app.mode("fanout", "messages to one channel with many subscribers",
                             [&a] { a.mode = BenchMode::fanout; });
  add_shared(mode, a);
  mode.number("--subscribers", a.fanout.subscribers, 1, 1'000'000, "subscribers of the channel");
  mode.number("--messages", a.fanout.messages, 1, 99'999'999, "messages to publish");
  mode.number("--warm-up", a.fanout.warm_up, 0, 99'999'998,
              "how many of the first messages are not timed");
  mode.number("--bytes", a.fanout.bytes, kMessageBytesMin, 1 << 20, "bytes of each message");
  const auto in_flight =
      mode.number("--in-flight", a.fanout.in_flight, 1, 10'000, "messages in flight at a time");
  mode.number("--rate", a.fanout.per_second, 0.01, 1e6, "publish this many a second instead")
      .excludes(in_flight);
  mode.text("--channel", a.fanout.channel,
            "the channel; clients subscribe by their tokens, or as guests")
      .shows_default();
  const auto publish = mode.choice<PublishBy>(
      "--publish", a.fanout.publish_by,
      {{"api", PublishBy::api}, {"ws", PublishBy::web_socket}, {"http", PublishBy::http}},
      "api: the server API; ws: a client; http: POST of the message (--bare)");
  mode.text("--publish-path", a.fanout.publish_path, "the publisher's path (--bare)");
  mode.text("--api-key-file", a.api_key_file, "file with API keys; the first one publishes");
  return publish;
}

void add_round_trips(Arguments& mode, BenchArguments& a) {
  add_shared(mode, a);
  mode.number("--connections", a.echo.connections, 1, 1'000'000,
              "connections, each with one message in flight");
  mode.number("--messages", a.echo.messages, 1, 100'000'000, "messages in all");
  mode.number("--bytes", a.echo.bytes, 1, 1 << 20, "bytes of each message (not of pings)");
}

void add_echo(Arguments& app, BenchArguments& a) {
  add_round_trips(app.mode("echo", "round trips: echoes (--bare), or the ping command",
                           [&a] { a.mode = BenchMode::echo; }),
                  a);
}

void add_tunnel(Arguments& app, BenchArguments& a) {
  Arguments& mode =
      app.mode("tunnel", "round trips to an upstream that echoes, through the proxy door",
               [&a] { a.mode = BenchMode::tunnel; });
  add_round_trips(mode, a);
  add_path(mode, a).required();
}

void add_ticket(Arguments& app, BenchArguments& a) {
  Arguments& mode = app.mode("ticket", "only HTTP: ticket calls, or GETs (--bare)",
                             [&a] { a.mode = BenchMode::ticket; });
  add_shared(mode, a);
  mode.number("--count", a.ticket.count, 1, 100'000'000, "calls");
  mode.number("--concurrency", a.ticket.concurrency, 1, 10'000, "keep-alive connections");
}

void add_storm(Arguments& app, BenchArguments& a) {
  Arguments& mode = app.mode("storm", "a gateway is killed, and all its clients reconnect",
                             [&a] { a.mode = BenchMode::storm; });
  add_shared(mode, a);
  mode.text("--command", a.storm.command,
            "the command that starts the gateway; it is killed and started again")
      .required();
  mode.number("--clients", a.storm.clients, 1, 1'000'000, "clients of the gateway");
  mode.text(
      "--admin", a.admin_url,
      "the gateway's admin.listen, for example http://127.0.0.1:8081: watch /metrics and limits");
  mode.text("--redis", a.redis_url, "redis://HOST:PORT or HOST:PORT: watch Redis' INFO and limits");
  mode.text("--down-for", a.down_for, "time between the kill and the new start").shows_default();
  mode.number("--rate", a.storm.per_second, 0.01, 1e4,
              "messages a second, before and after the kill");
  mode.text("--channel", a.storm.channel, "the channel that clients subscribe to").shows_default();
  mode.text("--api-key-file", a.api_key_file, "file with API keys; the first one publishes")
      .required();
}

}  // namespace

Parsed parse_bench_arguments(BenchArguments& a, int argc, char** argv) {
  Arguments app("Measures a gateway, or any WebSocket server: its speed, CPU and memory.",
                "usher bench");
  app.footer(kExamples);
  add_connect(app, a);
  add_idle(app, a);
  const auto publish = add_fanout(app, a);
  add_echo(app, a);
  add_tunnel(app, a);
  add_ticket(app, a);
  add_storm(app, a);
  const Parsed parsed = app.parse(argc, argv);
  if (!parsed.go_on) return parsed;
  a.publish_by_was_given = publish.was_given();
  if (a.fanout.per_second > 0) a.fanout.in_flight = 0;
  if (a.bare && !a.publish_by_was_given) a.fanout.publish_by = PublishBy::web_socket;
  a.ticket.plain_get = a.bare;
  return parsed;
}

namespace {

// What the clients are called that the threads share, and how many there are.
std::pair<std::string_view, std::size_t> shared_by_threads(const BenchArguments& a) {
  switch (a.mode) {
    case BenchMode::connect:
      return {"--concurrency", a.connect.concurrency};
    case BenchMode::idle:
      return {"--count", a.idle.count};
    case BenchMode::fanout:
      return {"--subscribers", a.fanout.subscribers};
    case BenchMode::echo:
    case BenchMode::tunnel:
      return {"--connections", a.echo.connections};
    case BenchMode::ticket:
      return {"--concurrency", a.ticket.concurrency};
    case BenchMode::storm:
      return {"a storm", 1};
  }
  return {};
}

std::string too_many_threads(const BenchArguments& a) {
  const auto [option, clients] = shared_by_threads(a);
  if (a.threads <= clients) return {};
  const std::string threads = "--threads " + std::to_string(a.threads);
  if (a.mode == BenchMode::storm) {
    return threads +
           ": a storm has one thread, because all its clients are timed from one moment and wait "
           "for the gateway most of the time; leave --threads out";
  }
  return threads + ": with " + std::string(option) + " " + std::to_string(clients) +
         " some would have nothing to do; give at most that many threads";
}

}  // namespace

std::string contradiction_of(const BenchArguments& a) {
  if (std::string wrong = too_many_threads(a); !wrong.empty()) return wrong;
  if (a.bare && !a.upstream.empty()) {
    return "--bare is for other servers, --path for this gateway's tunnels: leave one out";
  }
  if (!a.upstream.empty() && !a.upstream.starts_with('/')) {
    return "--path: '" + a.upstream + "' is no path; it begins with /";
  }
  if (a.bare && !a.secret_file.empty()) return "--bare needs no token: leave --secret-file out";
  if (a.mode == BenchMode::storm && a.bare) return "a storm is for a gateway: leave --bare out";
  if (a.mode != BenchMode::fanout) return {};
  if (a.fanout.warm_up >= a.fanout.messages) {
    return "--warm-up leaves no message to be timed: give fewer than --messages";
  }
  if (a.bare && a.fanout.publish_by == PublishBy::api) {
    return "--publish api is usher's own; with --bare give --publish ws or --publish http";
  }
  if (!a.bare && a.fanout.publish_by == PublishBy::http) {
    return "--publish http is for other servers (--bare); give --publish api or --publish ws";
  }
  if (a.bare && a.fanout.publish_path.empty()) {
    return "with --bare give --publish-path, where the server takes what it broadcasts";
  }
  if (a.fanout.publish_by == PublishBy::api && a.api_key_file.empty()) {
    return "give --api-key-file FILE, or --publish ws in a namespace that lets clients publish";
  }
  return {};
}

}  // namespace usher::apps
