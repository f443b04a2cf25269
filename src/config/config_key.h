// One key of the configuration: how it is read, checked, documented and reloaded.
//
// make_key() makes it from the member that it sets, for the tables in config_table.cc and
// config_sections.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "config/config_value.h"

namespace usher::config {

// What a reload does with a change of a key.
enum class Reload : std::uint8_t {
  live,     // takes it over
  on_off,   // takes it over, unless it switches something on or off ("" or [] means off)
  restart,  // leaves the key as it was, and says so
};
std::string_view to_string(Reload reload);  // as the documentation and /admin/config show it

// A key of an Owner: the Config, or one entry of [[channel.namespaces]], [[jwt.issuers]] or
// [[upstreams]].
template <class Owner>
struct Key {
  std::string_view name;  // "client.ping_interval"; of a namespace: "history_size"
  std::string_view doc;   // one or two sentences, Markdown
  Range range;
  Reload reload = Reload::live;

  // Returns nullopt if the value was set, else the kind of value that the key needs (Codec::kind).
  std::optional<std::string> (*set)(Owner&, const Value&, const Range&);
  std::string (*get)(const Owner&);  // as TOML writes it
  std::string (*kind)(const Range&);
  void (*copy)(Owner& to, const Owner& from);
};

inline constexpr std::int64_t kMiB = 1024 * 1024;

inline const Range kAny{};

template <class Owner, auto Member>
Key<Owner> make_key(std::string_view name, Range range, std::string_view doc,
                    Reload reload = Reload::live) {
  using T = std::remove_reference_t<decltype(Member(std::declval<Owner&>()))>;
  return {name,
          doc,
          range,
          reload,
          [](Owner& owner, const Value& value, const Range& r) -> std::optional<std::string> {
            auto read = Codec<T>::read(value, r);
            if (!read) return Codec<T>::kind(r);
            Member(owner) = std::move(*read);
            return std::nullopt;
          },
          [](const Owner& owner) { return Codec<T>::write(Member(const_cast<Owner&>(owner))); },
          [](const Range& r) { return Codec<T>::kind(r); },
          [](Owner& to, const Owner& from) { Member(to) = Member(const_cast<Owner&>(from)); }};
}

}  // namespace usher::config
