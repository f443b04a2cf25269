// Sends events to the backend's hooks over HTTP.
//
// Each hook has a HookLane, which decides which request runs, waits or is tried again. A hook that
// hangs does not delay the others.
//
// Threads: submit(), has(), room() and set_signer() from any thread; the rest on the Outbound's
// thread, except for the constructor and finish().
// Borrows: everything in HookSenderDependencies.
// Limits: HookLaneOptions, for each hook.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/log.h"
#include "base/snapshot.h"
#include "base/wall_clock.h"
#include "hooks/hook_lane.h"
#include "hooks/hook_metrics.h"
#include "hooks/hook_signature.h"
#include "hooks/ticket_answer.h"
#include "http_client/call.h"
#include "http_client/kept_connections.h"
#include "http_client/outbound.h"
#include "wire/json.h"

namespace usher::hooks {

inline constexpr auto kHooks = static_cast<std::size_t>(session::Hook::count_);

struct HookSenderOptions {
  std::array<std::optional<http_client::Endpoint>, kHooks> endpoints{};
  HookLaneOptions lane{};
  std::size_t data_bytes_max = 65536;  // of `data` in a backend's answer
  std::size_t info_bytes_max = 1024;   // of `info`, likewise
  std::vector<std::string> ticket_headers{};
  TicketAnswerLimits ticket_answers{};
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

  // The caller must reserve room before submit(). The room is released when the request has ended.
  HookRoom& room(session::Hook hook) { return lane(hook).room; }
  void submit(HookRequest request);

  void set_signer(std::shared_ptr<const HookSigner> signer) { signer_.set(signer); }

  // Waits for notifications to be sent, for `patience` and at most `goodbye_max`, then stops the
  // Outbound. Requires: no more events are submitted, and the Outbound has been started.
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
  void read_ticket(HookRequest& request, const http_client::Answer& answer);
  // Counts the outcome and releases the room. Must be called before `done`.
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
