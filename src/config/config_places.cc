#include "config/config_places.h"

#include <algorithm>
#include <utility>

namespace usher::config {

void ConfigPlaces::set(const std::string& key, std::string where, std::vector<std::string> items) {
  places_[key] = {std::move(where), std::move(items)};
}

std::string ConfigPlaces::entry_key(std::string_view section, std::size_t index,
                                    std::string_view member) {
  std::string key = std::string(section) + "[" + std::to_string(index) + "]";
  if (!member.empty()) key.append(".").append(member);
  return key;
}

std::string ConfigPlaces::of(std::string_view key, std::optional<std::size_t> item) const {
  const auto found = places_.find(key);
  if (found == places_.end()) return file_name_;
  const Place& place = found->second;
  return item && *item < place.items.size() ? place.items[*item] : place.where;
}

std::string_view ConfigPlaces::key_of(std::string_view sentence) {
  const std::size_t end = std::min(
      sentence.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.[]"), sentence.size());
  return sentence.substr(0, end);
}

std::string shown_url(std::string_view url) {
  constexpr std::size_t kShownBytesMax = 60;
  const std::size_t mark = url.find("://");
  std::string scheme;
  if (mark != std::string_view::npos) {
    scheme = url.substr(0, mark + 3);
    url.remove_prefix(mark + 3);
  }
  // A password may hold any character, so the last '@' is where it certainly has ended.
  const std::size_t at = url.rfind('@');
  const bool has_user = at != std::string_view::npos;
  if (has_user) url.remove_prefix(at + 1);
  const std::size_t end = std::min(url.find_first_of("/?#"), url.size());
  std::string shown = scheme + (has_user ? "…@" : "");
  for (const char c : url.substr(0, std::min(end, kShownBytesMax))) {
    shown.push_back(c > 0x20 && c < 0x7f ? c : '?');
  }
  return end < url.size() ? shown + "/…" : shown;
}

}  // namespace usher::config
