// Sends events to the backend's hooks: the I/O between the messages of this room and http_client's calls.
// Which request runs, waits or is tried again, each hook's HookLane decides; a hook that hangs
// holds up no other.
//
// Threads: submit(), has(), room() and set_signer() from any; the rest on the Outbound's thread,
// but for the constructor and finish(). Borrows: all that HookSenderDependencies names.
// Limits: HookLaneOptions, for each hook.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/log.h"
#include "base/snapshot.h"
#include "base/wall_clock.h"
#include "hooks/hook_lane.h"
#include "hooks/hook_metrics.h"
#include "hooks/hook_signature.h"
#include "http_client/call.h"
#include "http_client/kept_connections.h"
#include "http_client/outbound.h"
#include "wire/json.h"

namespace usher::hooks {

inline constexpr auto kHooks = static_cast<std::size_t>(session::Hook::count_);

struct HookSenderOptions {
  std::array<std::optional<http_client::Endpoint>, kHooks> endpoints{};
  HookLaneOptions lane{};
  std::size_t data_bytes_max = 65536;  // of what a backend answers
  Duration goodbye_max = std::chrono::seconds(3);
  std::string node;
};

// Sends one request and calls `done` once, on the Outbound's thread and never inline.
using StartCall =
    std::function<void(http_client::Request request, std::function<void(http_client::Answer)> done,
                       http_client::KeptConnections& connections)>;

struct HookSenderDependencies {
  http_client::Outbound& outbound;
  const Clock& clock;
  const WallClock& wall_clock;
  Entropy& entropy;
  Log& log;  // rate-limited
  HookMetrics& metrics;
  StartCall start_call = {};  // empty: http_client::start_call()
};

class HookSender {
 public:
  HookSender(HookSenderOptions options, HookSenderDependencies dependencies,
             std::shared_ptr<const HookSigner> signer);

  bool has(session::Hook hook) const { return endpoint(hook).has_value(); }
  const HookSenderOptions& options() const { return options_; }
  const HookSenderDependencies& dependencies() const { return dependencies_; }

  // Room for a request must have been reserved; it is released when the request has ended.
  HookRoom& room(session::Hook hook) { return lane(hook).room; }
  void submit(HookRequest request);

  void set_signer(std::shared_ptr<const HookSigner> signer) { signer_.set(signer); }

  // When no more events come: gives notifications `patience`, at most goodbye_max, to leave, then
  // stops the Outbound. Requires that it has been started.
  void finish(Duration patience);

 private:
  struct Lane {
    Lane(http_client::Outbound& outbound, const HookLaneOptions& options)
        : room(options),
          connections(outbound.io().get_executor(), options.running_max),
          queue(options) {}
    HookRoom room;
    http_client::KeptConnections connections;
    HookLane queue;
  };

  const std::optional<http_client::Endpoint>& endpoint(session::Hook hook) const {
    return options_.endpoints[static_cast<std::size_t>(hook)];
  }
  Lane& lane(session::Hook hook) { return lanes_[static_cast<std::size_t>(hook)]; }

  void pump();
  void start(HookRequest request);
  void answered(HookRequest request, const http_client::Answer& answer);
  void delivered(HookRequest request, const http_client::Answer& answer);
  void read(HookRequest& request, const http_client::Answer& answer);
  // Counts it and makes room, before whoever waits is told.
  void end(HookRequest& request, HookOutcome outcome, std::string_view reason = {});
  void fail(HookRequest& request, HookOutcome outcome, std::string_view reason);
  bool has_notifications();
  void look_whether_done();

  const HookSenderOptions options_;
  HookSenderDependencies dependencies_;
  Snapshot<HookSigner> signer_;
  std::array<Lane, kHooks> lanes_;
  wire::JsonReader json_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer goodbye_;
  bool finishing_ = false;
};

}  // namespace usher::hooks
