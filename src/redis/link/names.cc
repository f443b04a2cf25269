#include "redis/link/names.h"

#include "base/bytes.h"

namespace usher::redis {

std::string Names::of(std::string_view kind, std::string_view name) const {
  std::string text;
  text.reserve(prefix_.size() + kind.size() + name.size() + 3);
  text.append(prefix_).append(kind).append(":{").append(name).append("}");
  return text;
}

std::string Names::once(std::string_view channel, std::string_view idempotency_key) const {
  return of("once", channel) + ":" + to_hex(sha256(idempotency_key));
}

std::optional<std::string_view> Names::channel_of_messages(std::string_view name) const {
  constexpr std::string_view kKind = "messages:{";
  if (!name.starts_with(prefix_) || !name.ends_with('}')) return std::nullopt;
  name.remove_prefix(prefix_.size());
  if (!name.starts_with(kKind)) return std::nullopt;
  name.remove_prefix(kKind.size());
  if (name.empty()) return std::nullopt;
  name.remove_suffix(1);
  return name;
}

}  // namespace usher::redis
