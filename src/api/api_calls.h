// Carries out the server API's calls.
//
// Each call ends in exactly one answer: the result's JSON, or an error. A publication that the
// engine did not accept is an error, never a result.
//
// Threads: one per shard; answers come on that shard, inline or later. Borrows: Dependencies, which
// must outlive it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "api/api_broadcasts.h"
#include "api/api_redeems.h"
#include "api/api_request.h"
#include "api/api_result.h"
#include "api/revoking.h"
#include "api/sliced_work.h"
#include "http/dependencies.h"

namespace usher::api {

struct ApiCallsOptions {
  NodeDescription node;
  std::chrono::seconds ticket_ttl{30};
  std::chrono::seconds connection_ttl = std::chrono::hours(24);  // of a ticket without `expire_at`
  std::chrono::seconds revocation_ttl = std::chrono::hours(744);
  std::chrono::seconds leeway{
      0};  // with which tokens are accepted: revocations hold as much longer
  std::vector<std::string> claims{};  // of a ticket, that `redeem` tells: ticket.claims
};

class ApiCalls {
 public:
  ApiCalls(ApiCallsOptions options, http::RouteDependencies& dependencies);

  void set_options(ApiCallsOptions options);

  void carry_out(ApiCall call, ApiDone done);

 private:
  void run(hub::PublishRequest call, ApiDone done);
  void run(BroadcastCall call, ApiDone done);
  void run(hub::SubscribeOrder call, ApiDone done);
  void run(hub::UnsubscribeOrder call, ApiDone done);
  void run(hub::DisconnectOrder call, ApiDone done);
  void run(hub::RefreshOrder call, ApiDone done);
  void run(PresenceCall call, ApiDone done);
  void run(PresenceStatsCall call, ApiDone done);
  void run(HistoryCall call, ApiDone done);
  void run(HistoryRemoveCall call, ApiDone done);
  void run(ChannelsCall call, ApiDone done);
  void run(InfoCall call, ApiDone done);
  void run(BindCall call, ApiDone done);
  void run(RevokeCall call, ApiDone done);
  void run(TicketCall call, ApiDone done);
  void run(const RedeemCall& call, ApiDone done);
  void run(hub::SessionsQuery call, ApiDone done);

  // Sends the order to every shard; its result is `{}`.
  void order(hub::Order order_out, ApiDone done);

  ApiCallsOptions options_;
  http::RouteDependencies& dependencies_;
  const TimePoint started_at_;
  ApiBroadcasts broadcasts_;
  SlicedWork lists_;  // of channels
  Revoking revoking_;
  ApiRedeems redeems_;
};

}  // namespace usher::api
