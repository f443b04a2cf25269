#include "hub/live_connection.h"

#include <algorithm>
#include <tuple>

namespace usher::hub {

bool sort_and_cut(std::vector<LiveConnection>& connections, std::size_t count_max) {
  std::ranges::sort(connections, [](const LiveConnection& a, const LiveConnection& b) {
    return std::tie(a.since, a.client) < std::tie(b.since, b.client);
  });
  if (connections.size() <= count_max) return false;
  connections.resize(count_max);
  return true;
}

}  // namespace usher::hub
