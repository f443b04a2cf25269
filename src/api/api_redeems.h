// Redeems tickets for backends that open their own WebSockets: POST /api/redeem.
//
// The connection is the backend's. The result gives it a client id, so that both logs can name it,
// but no order finds it.
//
// Threads: one per shard. Borrows: Dependencies, which must outlive it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/api_request.h"
#include "api/api_result.h"
#include "doors/ticket_check.h"
#include "http/dependencies.h"

namespace usher::api {

class ApiRedeems {
 public:
  // `claims`: names of those that are told.
  ApiRedeems(std::vector<std::string> claims, http::RouteDependencies& dependencies);

  void set_claims(std::vector<std::string> claims) { claims_ = std::move(claims); }

  void start(const RedeemCall& call, ApiDone done);

 private:
  std::vector<std::string> claims_;
  Entropy& entropy_;
  doors::TicketCheck check_;
};

}  // namespace usher::api
