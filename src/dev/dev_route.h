// The page of `--dev` at `/`, and the paths below `/dev/` that its switches call.
//
//   GET  /               the page and its files, with a strict content security policy
//   GET  /dev/faults     {"store_down":false,"origin_blocked":false}
//   POST /dev/faults     sets one or both faults for 10 s; with "renew":true, faults that are on
//                        stay on for another 10 s; answers with both
//   GET  /dev/upstreams  {"upstreams":[{"name","path","url"}]}: where the proxy door leads to
//   POST /dev/token      answers with {"token","expires_in"}: a token without a session
//   POST /dev/publish    {"session","data"}: publishes to that session's personal channel
//   POST /dev/restart    restarts the gateway soon
//
// Threads: one per shard.
// Borrows: Dependencies, its DevPage, and the shard's JsonReader during a call.
// Limits: limits.message_bytes for `data`.
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

  void set_message_bytes_max(std::size_t bytes) { message_bytes_max_ = bytes; }

  // Returns true if there is a route at `path` (without the prefix). Without a DevPage, there is
  // none.
  bool serves(std::string_view path) const;

  // Requires: serves(path).
  void handle(const edge::RequestContext& context, std::string_view path, http::Answer answer);

 private:
  void file(const edge::RequestContext& context, const PageFile& file, http::Answer answer);
  void faults(const edge::RequestContext& context, http::Answer answer);
  void upstreams(const edge::RequestContext& context, http::Answer answer);
  void token(const edge::RequestContext& context, http::Answer answer);
  void publish(const edge::RequestContext& context, http::Answer answer);
  void restart(const edge::RequestContext& context, http::Answer answer);
  bool may_post(const edge::RequestContext& context, http::Answer& answer);

  std::size_t message_bytes_max_;
  http::RouteDependencies& dependencies_;
  wire::JsonReader& json_;
};

}  // namespace usher::dev
