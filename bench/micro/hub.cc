// A publication on its way through broker and hub, to subscribers that have no socket.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "support/hub_cluster.h"

namespace usher::hub {
namespace {

class Deaf final : public Subscriber {
 public:
  explicit Deaf(std::size_t number) : session_("sess_" + std::to_string(number)) {}

  Identity identity() const override {
    return {
        .session = session_, .user = {}, .jti = {}, .conn_info = {}, .channel_patterns = grants_};
  }
  void deliver(const wire::SharedFrame& frame) override { last_ = frame; }
  std::size_t room_bytes() const override { return 1 << 20; }
  void close(const wire::CloseReason&) override {}
  void refresh(bool, std::optional<std::int64_t>) override {}

  bool was_told() const { return last_ != nullptr; }

 private:
  std::string session_;
  std::vector<std::string> grants_{"bench:all"};
  wire::SharedFrame last_;
};

void publish(benchmark::State& state) {
  const auto count = static_cast<std::size_t>(state.range(0));
  test::HubCluster cluster({.namespaces = {{.name = "bench"}}});
  std::vector<std::unique_ptr<Deaf>> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(std::make_unique<Deaf>(i));
    cluster.hub().join(*all.back(), {}, [](const Joined&) {});
    cluster.mail.run_all();
  }
  const std::string data = '"' + std::string(126, 'x') + '"';
  for ([[maybe_unused]] auto _ : state) {
    if (!cluster.publish("bench:all", data)) return state.SkipWithError("it was refused");
  }
  for (const auto& each : all) {
    if (!each->was_told()) state.SkipWithError("somebody was left out");
    cluster.hub().leave(*each);
  }
  state.SetLabel("published to " + std::string(count == 1 ? "1 subscriber" : "1,000 subscribers") +
                 ", sockets not counted");
}
BENCHMARK(publish)->Arg(1)->Arg(1'000);

}  // namespace
}  // namespace usher::hub
