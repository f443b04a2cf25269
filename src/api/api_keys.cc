#include "api/api_keys.h"

#include <algorithm>

namespace usher::api {
namespace {

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::string_view as_text(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

Result<ApiKeys, ApiKeysError> ApiKeys::parse(std::string_view text) {
  ApiKeys keys;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view key = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (key.empty() || key.front() == '#') continue;
    if (keys.digests_.size() == kKeysMax) return ApiKeysError::too_many;
    keys.shortest_bytes_ =
        keys.digests_.empty() ? key.size() : std::min(keys.shortest_bytes_, key.size());
    keys.digests_.push_back(sha256(key));
  }
  if (keys.digests_.empty()) return ApiKeysError::no_key;
  return keys;
}

bool ApiKeys::accept(std::string_view key) const {
  const Sha256 digest = sha256(key);
  bool accepted = false;
  for (const Sha256& known : digests_) {
    accepted |= equal_in_constant_time(as_text(known), as_text(digest));  // no early end
  }
  return accepted;
}

}  // namespace usher::api
