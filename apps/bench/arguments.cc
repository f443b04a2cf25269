#include "apps/bench/arguments.h"

#include <CLI/CLI.hpp>
#include <map>

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
    "  usher bench storm --clients 8000 --command 'usher serve --config usher.toml' --api-key-file "
    "k\n"
    "docs/performance.md says what each mode does and what its numbers mean.";

void add_shared(CLI::App& mode, BenchArguments& a) {
  mode.add_option("--url", a.url, "the gateway's URL; with --bare, the URL of the WebSocket")
      ->capture_default_str();
  mode.add_flag("--bare", a.bare, "measure any WebSocket server, without tickets");
  mode.add_option("--secret-file", a.secret_file,
                  "sign a token for each client with this secret; without it, clients are guests");
  mode.add_option("--origin", a.origin, "the Origin that clients send");
  mode.add_option("--target-pid", a.target_pids,
                  "the server's process: report its CPU and memory; may be repeated")
      ->allow_extra_args(false);
  mode.add_option("--threads", a.threads,
                  "threads that make the load, each with its share of the clients")
      ->check(CLI::Range(std::size_t{1}, kThreadsMax));
  mode.add_option("--timeout", a.timeout, "fail after this time without any progress")
      ->capture_default_str();
  mode.add_flag("--json", a.json, "print one JSON object");
}

void add_connect(CLI::App& app, BenchArguments& a) {
  auto& mode = *app.add_subcommand("connect", "handshakes; each connection is closed at once");
  mode.callback([&a] { a.mode = BenchMode::connect; });
  add_shared(mode, a);
  mode.add_option("--count", a.connect.count, "handshakes")->check(CLI::Range(1, 10'000'000));
  mode.add_option("--concurrency", a.connect.concurrency, "handshakes at a time")
      ->check(CLI::Range(1, 10'000));
  const std::map<std::string, Tickets> tickets{{"each", Tickets::each},
                                               {"prepared", Tickets::prepared}};
  mode.add_option("--tickets", a.connect.tickets,
                  "each: one ticket call for each handshake; prepared: all tickets beforehand, not "
                  "measured")
      ->transform(CLI::CheckedTransformer(tickets));
  const std::map<std::string, Farewell> farewells{{"frame", Farewell::frame},
                                                  {"reset", Farewell::reset}};
  mode.add_option("--close", a.connect.farewell,
                  "frame: close frames in both directions, as browsers do; reset: a TCP reset")
      ->transform(CLI::CheckedTransformer(farewells));
}

void add_idle(CLI::App& app, BenchArguments& a) {
  auto& mode = *app.add_subcommand("idle", "memory of connections that do nothing");
  mode.callback([&a] { a.mode = BenchMode::idle; });
  add_shared(mode, a);
  mode.add_option("--count", a.idle.count, "connections that are measured")
      ->check(CLI::Range(1, 1'000'000));
  mode.add_option("--before", a.idle.before, "connections before them, which are not measured")
      ->check(CLI::Range(0, 1'000'000));
}

void add_fanout(CLI::App& app, BenchArguments& a) {
  auto& mode = *app.add_subcommand("fanout", "messages to one channel with many subscribers");
  mode.callback([&a] { a.mode = BenchMode::fanout; });
  add_shared(mode, a);
  mode.add_option("--subscribers", a.fanout.subscribers, "subscribers of the channel")
      ->check(CLI::Range(1, 1'000'000));
  mode.add_option("--messages", a.fanout.messages, "messages to publish")
      ->check(CLI::Range(1, 99'999'999));
  mode.add_option("--warm-up", a.fanout.warm_up, "how many of the first messages are not timed")
      ->check(CLI::Range(0, 99'999'998));
  mode.add_option("--bytes", a.fanout.bytes, "bytes of each message")
      ->check(CLI::Range(kMessageBytesMin, std::size_t{1} << 20));
  auto* in_flight =
      mode.add_option("--in-flight", a.fanout.in_flight, "messages in flight at a time")
          ->check(CLI::Range(1, 10'000));
  mode.add_option("--rate", a.fanout.per_second, "publish this many a second instead")
      ->check(CLI::Range(0.01, 1e6))
      ->excludes(in_flight);
  mode.add_option("--channel", a.fanout.channel,
                  "the channel; clients subscribe by their tokens, or as guests")
      ->capture_default_str();
  const std::map<std::string, PublishBy> ways{
      {"api", PublishBy::api}, {"ws", PublishBy::web_socket}, {"http", PublishBy::http}};
  mode.add_option("--publish", a.fanout.publish_by,
                  "api: the server API; ws: a client; http: POST of the message (--bare)")
      ->transform(CLI::CheckedTransformer(ways))
      ->each([&a](const std::string&) { a.publish_by_was_given = true; });
  mode.add_option("--publish-path", a.fanout.publish_path, "the publisher's path (--bare)");
  mode.add_option("--api-key-file", a.api_key_file, "file with API keys; the first one publishes");
}

void add_echo(CLI::App& app, BenchArguments& a) {
  auto& mode = *app.add_subcommand("echo", "round trips: echoes (--bare), or the ping command");
  mode.callback([&a] { a.mode = BenchMode::echo; });
  add_shared(mode, a);
  mode.add_option("--connections", a.echo.connections,
                  "connections, each with one message in flight")
      ->check(CLI::Range(1, 1'000'000));
  mode.add_option("--messages", a.echo.messages, "messages in all")
      ->check(CLI::Range(1, 100'000'000));
  mode.add_option("--bytes", a.echo.bytes, "bytes of each message (--bare)")
      ->check(CLI::Range(1, 1 << 20));
}

void add_ticket(CLI::App& app, BenchArguments& a) {
  auto& mode = *app.add_subcommand("ticket", "only HTTP: ticket calls, or GETs (--bare)");
  mode.callback([&a] { a.mode = BenchMode::ticket; });
  add_shared(mode, a);
  mode.add_option("--count", a.ticket.count, "calls")->check(CLI::Range(1, 100'000'000));
  mode.add_option("--concurrency", a.ticket.concurrency, "keep-alive connections")
      ->check(CLI::Range(1, 10'000));
}

void add_storm(CLI::App& app, BenchArguments& a) {
  auto& mode = *app.add_subcommand("storm", "a gateway is killed, and all its clients reconnect");
  mode.callback([&a] { a.mode = BenchMode::storm; });
  add_shared(mode, a);
  mode.add_option("--command", a.storm.command,
                  "the command that starts the gateway; it is killed and started again")
      ->required();
  mode.add_option("--clients", a.storm.clients, "clients of the gateway")
      ->check(CLI::Range(1, 1'000'000));
  mode.add_option(
      "--admin", a.admin_url,
      "the gateway's admin.listen, for example http://127.0.0.1:8081: watch /metrics and limits");
  mode.add_option("--redis", a.redis_url,
                  "redis://HOST:PORT or HOST:PORT: watch Redis' INFO and limits");
  mode.add_option("--down-for", a.down_for, "time between the kill and the new start")
      ->capture_default_str();
  mode.add_option("--rate", a.storm.per_second, "messages a second, before and after the kill")
      ->check(CLI::Range(0.01, 1e4));
  mode.add_option("--channel", a.storm.channel, "the channel that clients subscribe to")
      ->capture_default_str();
  mode.add_option("--api-key-file", a.api_key_file, "file with API keys; the first one publishes")
      ->required();
}

}  // namespace

Parsed parse_bench_arguments(BenchArguments& a, int argc, char** argv) {
  CLI::App app("Measures a gateway, or any WebSocket server: its speed, CPU and memory.",
               "usher bench");
  app.require_subcommand(1);
  app.footer(kExamples);
  add_connect(app, a);
  add_idle(app, a);
  add_fanout(app, a);
  add_echo(app, a);
  add_ticket(app, a);
  add_storm(app, a);
  const Parsed parsed = parse_arguments(app, argc, argv);
  if (!parsed.go_on) return parsed;
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
