#include "doors/upstream_table.h"

#include <algorithm>

#include "doors/percent.h"

namespace usher::doors {
namespace {

constexpr std::string_view kBelow = "/*";

}  // namespace

std::optional<std::size_t> UpstreamTable::find(std::string_view path) const {
  std::optional<std::size_t> found;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < upstreams_.size(); ++i) {
    const std::string_view own = upstreams_[i].path;
    if (own == path) return i;
    if (!own.ends_with(kBelow) || own.size() < longest) continue;
    const std::string_view base = own.substr(0, own.size() - 1);  // with its '/'
    if (!path.starts_with(base)) continue;
    found = i;
    longest = own.size();
  }
  return found;
}

bool has_dot_segment(std::string_view path) {
  // Twice, for upstreams behind which something decodes once more.
  std::string decoded = percent_decoded(percent_decoded(path));
  std::ranges::replace(decoded, '\\', '/');
  std::string_view rest = decoded;
  for (;;) {
    const std::size_t end = rest.find('/');
    // A matrix parameter (`..;x`) is cut off by some servers.
    const std::string_view whole = rest.substr(0, end);
    const std::string_view segment = whole.substr(0, whole.find(';'));
    if (segment == "." || segment == "..") return true;
    if (end == std::string_view::npos) return false;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace usher::doors
