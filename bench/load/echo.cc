// echo: each connection sends a message, waits until it is back, sends the next.
#include "bench/load/crowd.h"
#include "bench/load/modes.h"
#include "bench/load/parts.h"

namespace usher::bench {
namespace {

// A gateway of ours echoes nothing; its `ping` command is the shortest round trip there is.
std::string message_for(const Target& target, std::size_t bytes) {
  return target.door == Door::ticket ? R"({"id":1,"ping":{}})" : std::string(bytes, 'x');
}

// One thread's connections, and what goes to and fro on them.
class Echoes {
 public:
  Echoes(const Setting& setting, std::size_t at_the_door_max, Share connections,
         std::size_t messages, std::string_view message)
      : setting_(setting),
        connections_(connections),
        messages_(messages),
        message_(message),
        crowd_(setting, at_the_door_max, connections.first) {}

  void prepare();
  void work();
  const Tally& tally() const { return tally_; }

 private:
  void send(Client& client);
  void take(Client& client, std::string_view payload);

  const Setting& setting_;
  const Share connections_;
  const std::size_t messages_;
  const std::string_view message_;
  Crowd crowd_;
  std::vector<TimePoint> sent_;  // by connection
  std::size_t begun_ = 0;
  Tally tally_;
};

void Echoes::prepare() {
  if (!crowd_.grow_to(connections_.count)) return tally_.fail(crowd_.failure());
  sent_.resize(connections_.count);
  crowd_.set_on_message(
      [this](Client& client, std::string_view payload) { take(client, payload); });
}

void Echoes::send(Client& client) {
  if (begun_ == messages_) return;
  ++begun_;
  sent_[client.index() - connections_.first] = setting_.loop.now();
  client.socket().send_text(message_);
}

void Echoes::take(Client& client, std::string_view payload) {
  if (payload != message_) {
    return tally_.fail("came back as " + std::string(payload.substr(0, 80)));
  }
  tally_.record(setting_.loop.now() - sent_[client.index() - connections_.first]);
  setting_.loop.progress();
  send(client);
}

void Echoes::work() {
  tally_.began = setting_.loop.now();
  for (std::size_t i = 0; i < crowd_.size(); ++i) send(crowd_[i]);
  const bool done =
      setting_.loop.run([&] { return tally_.done == messages_ || !tally_.failure.empty(); },
                        setting_.target.patience);
  if (!done) tally_.fail("echoes stopped coming");
  tally_.ended = setting_.loop.now();
  if (crowd_.out() > 0) tally_.fail(crowd_.failure());
}

}  // namespace

Report measure_echo(LoadThreads& threads, const EchoOptions& options) {
  const std::size_t n = threads.size();
  const std::string message = message_for(threads.target(), options.bytes);
  Parts<Echoes> parts;
  for (std::size_t i = 0; i < n; ++i) {
    parts.push_back(std::make_unique<Echoes>(threads[i], share_of(kAtTheDoor, n, i).count,
                                             share_of(options.connections, n, i),
                                             share_of(options.messages, n, i).count, message));
  }
  Report report("echo");
  Work work;
  if (!do_parts(threads, parts, work, report)) return report;
  const std::uint64_t done = work.tally.done;
  report.add("echoes", static_cast<std::int64_t>(done));
  report.add("lost",
             static_cast<std::int64_t>(options.messages - std::min(done, options.messages)));
  report.add("message_bytes", static_cast<std::int64_t>(message.size()));
  report.add_rate({"echo", "echoes", "round_trip"}, work);
  return report;
}

}  // namespace usher::bench
