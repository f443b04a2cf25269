// What `--dev` adds to a gateway: a page that shows it at work, and switches that break it.
//
// Nothing of this exists without `--dev`: Dependencies::dev_page is null then, and its paths are
// 404.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/wall_clock.h"

namespace usher::dev {

// One file of the page, as it was embedded at build time.
struct PageFile {
  std::string_view path;  // "/" or "/page.js"
  std::string_view content_type;
  std::string_view body;
};

// Threads: shared by all shards.
class DevSwitches {
 public:
  struct Faults {
    bool store_down = false;      // the ticket store answers nobody
    bool origin_blocked = false;  // no page is on the list of origins
    friend bool operator==(const Faults&, const Faults&) = default;
  };

  virtual ~DevSwitches() = default;

  // A fault ends by itself so long after it was set or renewed last: it must not outlive the page
  // that wanted it.
  static constexpr Duration kLease = std::chrono::seconds(10);

  virtual Faults faults() const = 0;
  virtual void set(Faults faults, TimePoint now) = 0;

  // Of `which`, those that are on stay so for another kLease; none is switched on.
  virtual void renew(Faults which, TimePoint now) = 0;

  // A good signature over claims that name no session; nothing where we can't sign.
  virtual std::optional<std::string> token_without_session(WallTime now) const = 0;

  // The gateway ends soon, with all its connections and its memory, and starts again a moment
  // later. False where nobody is there to do that.
  virtual bool restart() = 0;
};

struct DevPage {
  std::span<const PageFile> files;
  DevSwitches& switches;
};

}  // namespace usher::dev
