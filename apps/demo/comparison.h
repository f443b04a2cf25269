// Both clients, before and after, against the same fault for the same ten seconds of virtual time.
#pragma once

#include <string>

#include "apps/demo/rows.h"

namespace usher::apps {

struct DemoTally {
  int ticket_requests = 0;
  int sockets = 0;
  int lines = 0;
  double connected_at_ms = -1;  // negative: never connected
  bool goes_on = false;         // still trying at the end of the time
};

// The page loads at 0 and connects at once; its token is available after 50 ms. A store or gateway
// that is down is back after three and a half seconds.
DemoTally run_before(DemoFault fault);
DemoTally run_after(DemoFault fault);

// Returns `connected after 1.1 s`, `stopped` or `still trying`.
std::string outcome_text(const DemoTally& tally);

}  // namespace usher::apps
