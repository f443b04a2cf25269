// The page of `--dev` at `/`, and what its switches call below `/dev/`.
//
//   GET  /              the page, with the files that it names, under a strict policy
//   GET  /dev/faults    {"store_down":false,"origin_blocked":false}
//   POST /dev/faults    any of these two, to be set, for 10 s; with "renew":true those that are on
//                       stay so for another 10 s; answers with both
//   POST /dev/token     {"token","expires_in"}: one without a session
//   POST /dev/publish   {"session","data"}: to that session's personal channel
//   POST /dev/restart   soon the gateway is gone for a moment
//
// Threads: one per shard. Borrows: Dependencies, its DevPage, and the shard's JsonReader during a
// call. Limits: limits.message_bytes for `data`.
#pragma once

#include <string_view>

#include "dev/dev_page.h"
#include "http/answer.h"
#include "http/dependencies.h"
#include "wire/json.h"

namespace usher::dev {

class DevRoute {
 public:
  DevRoute(std::size_t message_bytes_max, http::RouteDependencies& dependencies,
           wire::JsonReader& json)
      : message_bytes_max_(message_bytes_max), dependencies_(dependencies), json_(json) {}

  // Is there something at `path` (without the prefix)? Nothing is, where there is no DevPage.
  bool serves(std::string_view path) const;

  // Only for a path that it serves.
  void handle(const edge::RequestContext& context, std::string_view path, http::Answer answer);

 private:
  void file(const edge::RequestContext& context, const PageFile& file, http::Answer answer);
  void faults(const edge::RequestContext& context, http::Answer answer);
  void token(const edge::RequestContext& context, http::Answer answer);
  void publish(const edge::RequestContext& context, http::Answer answer);
  void restart(const edge::RequestContext& context, http::Answer answer);
  bool may_post(const edge::RequestContext& context, http::Answer& answer);

  std::size_t message_bytes_max_;
  http::RouteDependencies& dependencies_;
  wire::JsonReader& json_;
};

}  // namespace usher::dev
