#include "apps/raw/line_splitter.h"

#include <algorithm>
#include <utility>

namespace usher::apps {

bool LineSplitter::feed(std::string_view bytes, std::vector<std::string>& lines) {
  while (!bytes.empty()) {
    const auto end = bytes.find(options_.end);
    const std::string_view part = bytes.substr(0, end);
    if (begun_.size() + part.size() > options_.line_bytes_max) return false;
    begun_ += part;
    if (end == std::string_view::npos) break;
    lines.push_back(std::exchange(begun_, {}));
    bytes.remove_prefix(end + 1);
  }
  return true;
}

void LineSplitter::finish(std::vector<std::string>& lines) {
  if (!begun_.empty()) lines.push_back(std::exchange(begun_, {}));
}

std::string line_of(std::string_view message, char end) {
  std::string line(message);
  std::ranges::replace(line, end, ' ');
  return line += end;
}

}  // namespace usher::apps
