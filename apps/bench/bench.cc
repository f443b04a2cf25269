// usher bench: what a gateway, or any WebSocket server, can do, and what it costs it.
#include <netdb.h>

#include <cstdio>
#include <cstring>
#include <memory>

#include "apps/bench/arguments.h"
#include "apps/command_line.h"
#include "auth/jwt_signer.h"
#include "base/duration_text.h"
#include "base/system.h"
#include "http_client/endpoint.h"
#include "node/file_limit.h"
#include "node/keys.h"
#include "wire/json_text.h"

namespace usher::apps {
namespace {

constexpr std::size_t kTicketLines = 32;
constexpr std::size_t kTicketLinesInStorm = 512;  // nobody waits for another client's call
constexpr std::int64_t kTokenLife_s = 3600;

std::optional<bench::Address> resolve(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
    return std::nullopt;
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
  sockaddr_storage where{};
  std::memcpy(&where, found->ai_addr, found->ai_addrlen);
  return bench::Address(where);
}

// Signs as the gateway would believe; subscribed to the channel of a fan-out.
bench::TokenSource token_source(const BenchArguments& arguments) {
  if (arguments.secret_file.empty()) return nullptr;
  config::Config config;
  config.jwt.secret_file = {arguments.secret_file};
  const auto signer = std::make_shared<const auth::JwtSigner>(node::signing_key(config.jwt));
  std::vector<std::string> channels;
  if (arguments.mode == BenchMode::fanout) channels = {arguments.fanout.channel};
  if (arguments.mode == BenchMode::storm) channels = {arguments.storm.channel};
  return [signer, channels, claim = config.jwt.session_claim.front(),
          now = unix_seconds(SystemWallClock().now())](std::size_t index) {
    auth::JwtPayload payload;
    payload.set(claim, "bench-" + std::to_string(index));
    payload.set_number("iat", now).set_number("exp", now + kTokenLife_s);
    if (!channels.empty()) payload.set("channels", channels);
    return signer->sign(payload);
  };
}

// Guests ask for the channel with their ticket.
std::string subscriptions_of(const BenchArguments& arguments) {
  if (arguments.mode != BenchMode::fanout || !arguments.secret_file.empty()) return {};
  std::string body = "{\"subs\":{";
  wire::append_json_string(body, arguments.fanout.channel);
  return body + ":{}}}";
}

bench::Door door_of(const BenchArguments& arguments) {
  if (arguments.bare) return bench::Door::bare;
  return arguments.upstream.empty() ? bench::Door::ticket : bench::Door::tunnel;
}

bench::Target make_target(const BenchArguments& arguments, const http_client::Endpoint& endpoint,
                          const bench::Address& address, Duration patience) {
  bench::Target target{.address = address,
                       .authority = endpoint.authority,
                       .path = endpoint.target,
                       .upstream = arguments.upstream,
                       .door = door_of(arguments),
                       .fields = {},
                       .token = arguments.bare ? nullptr : token_source(arguments),
                       .subscriptions = subscriptions_of(arguments),
                       .process_ids = arguments.target_pids,
                       .patience = patience};
  if (!arguments.bare) {
    while (target.path.ends_with('/')) target.path.pop_back();
  }
  if (!arguments.origin.empty()) target.fields = "Origin: " + arguments.origin + "\r\n";
  return target;
}

bench::Report measure(bench::LoadThreads& threads, const BenchArguments& arguments) {
  switch (arguments.mode) {
    case BenchMode::connect:
      return bench::measure_connect(threads, arguments.connect);
    case BenchMode::idle:
      return bench::measure_idle(threads, arguments.idle);
    case BenchMode::fanout:
      return bench::measure_fanout(threads, arguments.fanout);
    case BenchMode::echo:
    case BenchMode::tunnel:
      return bench::measure_echo(threads, arguments.echo);
    case BenchMode::ticket:
      return bench::measure_ticket(threads, arguments.ticket);
    case BenchMode::storm:
      return bench::measure_storm(threads[0], arguments.storm);
  }
  return bench::Report("");
}

// Whom a storm is to be watched at; one sentence where that can't be, or "".
std::string find_watched(BenchArguments& arguments) {
  if (const std::string& url = arguments.admin_url; !url.empty()) {
    const auto endpoint = http_client::parse_url(url);
    if (!endpoint || endpoint->tls) return "--admin: '" + url + "' is no http:// URL";
    const auto address = resolve(endpoint->host, endpoint->port);
    if (!address) return "--admin: '" + endpoint->host + "' has no address";
    std::string path = endpoint->target;
    while (path.ends_with('/')) path.pop_back();
    arguments.storm.admin = {*address, endpoint->authority, path};
  }
  if (arguments.redis_url.empty()) return {};
  const bool is_url = arguments.redis_url.find("://") != std::string::npos;
  const auto who = redis::parse_url((is_url ? "" : "redis://") + arguments.redis_url);
  if (!who) return "--redis: " + std::string(to_string(who.error()));
  if (who->kind != redis::Address::Kind::tcp) {
    return "--redis: only plain TCP is watched; write redis://HOST:PORT";
  }
  const auto address = resolve(who->host, who->port);
  if (!address) return "--redis: '" + who->host + "' has no address";
  arguments.storm.redis = {*address, *who};
  return {};
}

int print(const bench::Report& report, bool json) {
  std::printf("%s%s", (json ? report.json() : report.text()).c_str(), json ? "\n" : "");
  return report.failure().empty() ? kDone : fail("bench", report.failure());
}

}  // namespace

int run_bench(int argc, char** argv) {
  BenchArguments arguments;
  if (const Parsed parsed = parse_bench_arguments(arguments, argc, argv); !parsed.go_on) {
    return parsed.exit_code;
  }
  if (const std::string wrong = contradiction_of(arguments); !wrong.empty()) {
    return fail("bench", wrong, kBadUsage);
  }
  const auto patience = parse_duration(arguments.timeout);
  if (!patience) {
    return fail("bench", "--timeout: '" + arguments.timeout + "' is not a duration; write 10s",
                kBadUsage);
  }
  const auto down_for = parse_duration(arguments.down_for);
  if (!down_for) {
    return fail("bench", "--down-for: '" + arguments.down_for + "' is not a duration; write 1s",
                kBadUsage);
  }
  arguments.storm.down_for = *down_for;
  const auto endpoint = http_client::parse_url(arguments.url);
  if (!endpoint || endpoint->tls) {
    return fail("bench",
                "--url: '" + arguments.url + "' is no http:// or ws:// URL" +
                    (endpoint ? "; TLS is not measured here, use a plain listener" : ""),
                kBadUsage);
  }
  const auto address = resolve(endpoint->host, endpoint->port);
  if (!address) return fail("bench", "--url: '" + endpoint->host + "' has no address");
  if (const std::string wrong = find_watched(arguments); !wrong.empty()) {
    return fail("bench", wrong, kBadUsage);
  }
  if (!arguments.api_key_file.empty()) {
    arguments.fanout.api_key = arguments.storm.api_key =
        node::first_api_key(arguments.api_key_file);
  }
  node::raise_file_limit();

  const SystemClock clock;
  const bench::Target target = make_target(arguments, *endpoint, *address, *patience);
  if (!target.process_ids.empty() && !target.usage()) {
    return fail("bench", "--target-pid: no such process, or not ours to look at");
  }
  bench::LoadThreads threads(
      clock, target, arguments.threads,
      arguments.mode == BenchMode::storm ? kTicketLinesInStorm : kTicketLines);
  bench::Report report = measure(threads, arguments);
  report.add("threads", static_cast<std::int64_t>(threads.size()));
  return print(report, arguments.json);
}

}  // namespace usher::apps
