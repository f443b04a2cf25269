// The page of `--dev`, which shows the gateway at work, and the switches that break the gateway.
//
// Without `--dev`, Dependencies::dev_page is null and the paths answer 404.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/wall_clock.h"

namespace usher::dev {

// One file of the page, embedded at build time.
struct PageFile {
  std::string_view path;  // "/" or "/page.js"
  std::string_view content_type;
  std::string_view body;
};

// Threads: shared by all shards.
class DevSwitches {
 public:
  struct Faults {
    bool store_down = false;      // the ticket store does not answer
    bool origin_blocked = false;  // no page's origin is allowed
    friend bool operator==(const Faults&, const Faults&) = default;
  };

  virtual ~DevSwitches() = default;

  // A fault ends by itself this long after it was last set or renewed, so that it does not outlive
  // the page that set it.
  static constexpr Duration kLease = std::chrono::seconds(10);

  virtual Faults faults() const = 0;
  virtual void set(Faults faults, TimePoint now) = 0;

  // The faults of `which` that are on stay on for another kLease. No fault is switched on.
  virtual void renew(Faults which, TimePoint now) = 0;

  // Returns a correctly signed token without a session; `nullopt` if usher cannot sign.
  virtual std::optional<std::string> token_without_session(WallTime now) const = 0;

  // Restarts the gateway soon: all connections and all data in memory are lost. Returns false if
  // there is nothing that starts the gateway again.
  virtual bool restart() = 0;
};

// An upstream of the proxy door, as the page shows it.
struct DevUpstream {
  std::string name;
  std::string path;  // on this gateway, without http.prefix
  std::string url;   // without the query, which may hold a secret
};

struct DevPage {
  std::span<const PageFile> files;
  DevSwitches& switches;
  std::vector<DevUpstream> upstreams = {};
};

}  // namespace usher::dev
