// echo: each connection sends a message, waits until it is back, sends the next.
#include <algorithm>

#include "bench/crowd.h"
#include "bench/modes.h"

namespace usher::bench {
namespace {

constexpr std::size_t kAtTheDoor = 64;

// A gateway of ours echoes nothing; its `ping` command is the shortest round trip there is.
std::string message_for(const Setting& setting, std::size_t bytes) {
  return setting.target.door == Door::ticket ? R"({"id":1,"ping":{}})" : std::string(bytes, 'x');
}

}  // namespace

Report measure_echo(const Setting& setting, const EchoOptions& options) {
  Report report("echo");
  Crowd crowd(setting, kAtTheDoor);
  if (!crowd.grow_to(options.connections)) {
    report.fail(crowd.failure());
    return report;
  }
  const std::string message = message_for(setting, options.bytes);
  std::vector<TimePoint> sent(options.connections);
  std::size_t begun = 0;
  std::size_t done = 0;
  Histogram times;
  const auto send = [&](Client& client) {
    if (begun == options.messages) return;
    ++begun;
    sent[client.index()] = setting.loop.now();
    client.socket().send_text(message);
  };
  crowd.set_on_message([&](Client& client, std::string_view payload) {
    if (payload != message)
      return report.fail("came back as " + std::string(payload.substr(0, 80)));
    times.record(setting.loop.now() - sent[client.index()]);
    setting.loop.progress();
    ++done;
    send(client);
  });
  const auto before = usage_at_rest(setting.loop, setting.target);
  const TimePoint began = setting.loop.now();
  for (std::size_t i = 0; i < crowd.size(); ++i) send(crowd[i]);
  if (!setting.loop.run([&] { return done == options.messages || !report.failure().empty(); },
                        setting.target.patience)) {
    report.fail("echoes stopped coming");
  }
  const Duration elapsed = setting.loop.now() - began;
  const auto after = usage_at_rest(setting.loop, setting.target);
  if (crowd.out() > 0) report.fail(crowd.failure());
  report.add("echoes", static_cast<std::int64_t>(done));
  report.add("lost",
             static_cast<std::int64_t>(options.messages - std::min(done, options.messages)));
  report.add("message_bytes", static_cast<std::int64_t>(message.size()));
  report.add("seconds", seconds_of(elapsed));
  report.add("echoes_per_second", static_cast<double>(done) / seconds_of(elapsed));
  report.add_cpu(before, after, "echo", done);
  report.add_times("round_trip", times);
  return report;
}

}  // namespace usher::bench
