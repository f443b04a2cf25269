#include "config/config_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "base/duration_text.h"
#include "config/config.h"

namespace usher::config {
namespace {

using Kind = Value::Kind;
using Strings = std::vector<std::string>;
using OptionalStrings = std::optional<Strings>;

template <class E>
using Names = std::vector<std::pair<std::string_view, E>>;

Names<EngineType> names(EngineType) {
  return {{"memory", EngineType::memory}, {"redis", EngineType::redis}};
}
Names<Unconfigured> names(Unconfigured) {
  return {{"refused", Unconfigured::refused}, {"granted", Unconfigured::granted}};
}
Names<LogLevel> names(LogLevel) {
  return {{"debug", LogLevel::debug},
          {"info", LogLevel::info},
          {"warn", LogLevel::warn},
          {"error", LogLevel::error}};
}
Names<LogFormat> names(LogFormat) { return {{"text", LogFormat::text}, {"json", LogFormat::json}}; }
Names<Identities> names(Identities) {
  return {{"hash", Identities::hash}, {"plain", Identities::plain}, {"off", Identities::off}};
}
Names<doors::Who> names(doors::Who) {
  return {{"anyone", doors::Who::anyone}, {"users", doors::Who::users}};
}

Names<hub::Audience> names(hub::Audience) {
  using hub::Audience;
  return {{"nobody", Audience::nobody},   {"anyone", Audience::anyone}, {"users", Audience::users},
          {"granted", Audience::granted}, {"owner", Audience::owner},   {"hook", Audience::hook},
          {"token", Audience::token}};
}

Names<hub::Onlookers> names(hub::Onlookers) {
  using hub::Onlookers;
  return {{"subscribers", Onlookers::subscribers},
          {"anyone", Onlookers::anyone},
          {"users", Onlookers::users},
          {"granted", Onlookers::granted},
          {"nobody", Onlookers::nobody}};
}
Names<hub::RecoveryMode> names(hub::RecoveryMode) {
  return {{"stream", hub::RecoveryMode::stream}, {"cache", hub::RecoveryMode::cache}};
}
Names<hub::Unrecoverable> names(hub::Unrecoverable) {
  return {{"tell", hub::Unrecoverable::tell}, {"refuse", hub::Unrecoverable::refuse}};
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + '"';
}

bool is(const Value& value, Kind kind) { return value.kind == Kind::bare || value.kind == kind; }

std::optional<std::int64_t> read_integer(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

std::optional<std::int64_t> read_size(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> kUnits{
      {{"KiB", 1024}, {"MiB", 1024 * 1024}, {"GiB", 1024 * 1024 * 1024}}};
  for (const auto& [name, bytes] : kUnits) {
    if (!text.ends_with(name)) continue;
    const auto number = read_integer(text.substr(0, text.size() - name.size()));
    if (!number || *number < 0 || *number > (std::int64_t{1} << 53) / bytes) return std::nullopt;
    return *number * bytes;
  }
  return read_integer(text);
}

// "a, b" as environment and flags write lists; "" is the empty one.
Strings split_list(std::string_view text) {
  Strings items;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

// ---- reading

std::optional<bool> read_as(bool, const Value& value, const Range&) {
  if (!is(value, Kind::boolean)) return std::nullopt;
  if (value.text == "true") return true;
  if (value.text == "false") return false;
  return std::nullopt;
}

std::optional<std::string> read_as(const std::string&, const Value& value, const Range&) {
  if (!is(value, Kind::string)) return std::nullopt;
  return value.text;
}

// In quotes, as everywhere outside of TOML: an integer 0660 is none there, and 660 is another
// number.
std::optional<FileMode> read_as(FileMode, const Value& value, const Range&) {
  if (!is(value, Kind::string)) return std::nullopt;
  FileMode mode;
  const char* const end = value.text.data() + value.text.size();
  const auto [rest, error] = std::from_chars(value.text.data(), end, mode.bits, 8);
  const bool has_form = value.text.size() == 3 || (value.text.size() == 4 && value.text[0] == '0');
  if (!has_form || error != std::errc() || rest != end) return std::nullopt;
  return mode;
}

std::optional<Strings> read_as(const Strings&, const Value& value, const Range&) {
  if (value.kind == Kind::list) return value.items;
  if (value.kind == Kind::bare) return split_list(value.text);
  if (value.kind == Kind::string) return Strings{value.text};
  return std::nullopt;
}

std::optional<OptionalStrings> read_as(const OptionalStrings&, const Value& value,
                                       const Range& range) {
  if (auto items = read_as(Strings(), value, range)) return OptionalStrings(std::move(*items));
  return std::nullopt;
}

// "0" in quotes is understood wherever 0 is: contract section 7 writes "no limit" so.
std::optional<std::uint64_t> read_as(std::uint64_t, const Value& value, const Range& range) {
  const bool zero_text = value.kind == Kind::string && value.text == "0";
  const bool size_text = value.kind == Kind::string && range.is_size;
  if (!is(value, Kind::integer) && !zero_text && !size_text) return std::nullopt;
  const auto number = range.is_size ? read_size(value.text) : read_integer(value.text);
  if (!number || *number < range.min || *number > range.max) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

std::optional<Duration> read_as(Duration, const Value& value, const Range& range) {
  if (!is(value, Kind::string)) return std::nullopt;
  const auto duration = parse_duration(value.text);
  if (!duration || duration->count() < range.min || duration->count() > range.max) {
    return std::nullopt;
  }
  const bool whole = *duration % std::chrono::seconds(1) == Duration::zero();
  if (range.whole_seconds && !whole) return std::nullopt;
  return duration;
}

std::optional<limits::RateLimit> read_as(limits::RateLimit, const Value& value, const Range&) {
  const bool zero = value.kind == Kind::integer && value.text == "0";
  if (!is(value, Kind::string) && !zero) return std::nullopt;
  return limits::parse_rate_limit(value.text);
}

template <class E>
  requires std::is_enum_v<E>
std::optional<E> read_as(E e, const Value& value, const Range&) {
  if (!is(value, Kind::string)) return std::nullopt;
  for (const auto& [name, candidate] : names(e)) {
    if (name == value.text) return candidate;
  }
  return std::nullopt;
}

// ---- writing

std::string write_as(bool value) { return value ? "true" : "false"; }
std::string write_as(const std::string& value) { return quoted(value); }
std::string write_as(FileMode value) {
  std::string out = "0000";
  for (std::size_t i = 3; i > 0; --i) {
    out[i] = static_cast<char>('0' + (value.bits >> (3 * (3 - i)) & 7));
  }
  return quoted(out);
}
std::string write_as(const Strings& value) {
  std::string out = "[";
  for (const std::string& item : value) out.append(out.size() > 1 ? ", " : "").append(quoted(item));
  return out + "]";
}
std::string write_as(const OptionalStrings& value) { return value ? write_as(*value) : "unset"; }
std::string write_as(std::uint64_t value) { return std::to_string(value); }
std::string write_as(Duration value) { return quoted(format_duration(value)); }
std::string write_as(limits::RateLimit value) { return quoted(limits::format_rate_limit(value)); }

template <class E>
  requires std::is_enum_v<E>
std::string write_as(E value) {
  for (const auto& [name, candidate] : names(value)) {
    if (candidate == value) return quoted(name);
  }
  USHER_CHECK(false);
}

// ---- kinds

std::string limits_text(const Range& range, std::string (*write)(std::int64_t)) {
  if (range.max == Range().max) return range.min > 0 ? ", at least " + write(range.min) : "";
  return ", " + write(range.min) + " to " + write(range.max);
}

std::string kind_of(bool, const Range&) { return "true or false"; }
std::string kind_of(const std::string&, const Range&) { return "a string"; }
std::string kind_of(FileMode, const Range&) { return R"(an octal file mode like "0660")"; }
std::string kind_of(const Strings&, const Range&) { return "a list of strings"; }
std::string kind_of(const OptionalStrings&, const Range&) { return "a list of strings"; }
std::string kind_of(std::uint64_t, const Range& range) {
  const std::string what =
      range.is_size ? R"(a number of bytes, or a size like "64KiB")" : "a whole number";
  return what + limits_text(range, [](std::int64_t n) { return std::to_string(n); });
}
std::string kind_of(Duration, const Range& range) {
  const std::string what = R"(a duration like "30s")";
  return what + (range.whole_seconds ? " in whole seconds" : "") +
         limits_text(range, [](std::int64_t n) { return format_duration(Duration(n)); });
}
std::string kind_of(limits::RateLimit, const Range&) {
  return R"(a rate like "30/10s", or "0" for no limit)";
}

template <class E>
  requires std::is_enum_v<E>
std::string kind_of(E e, const Range&) {
  std::string out;
  for (const auto& [name, candidate] : names(e)) {
    out.append(out.empty() ? "" : candidate == names(e).back().second ? " or " : ", ");
    out.append(quoted(name));
  }
  return out;
}

}  // namespace

Range between(std::int64_t min, std::int64_t max) { return {min, max, false, false}; }
Range bytes_between(std::int64_t min, std::int64_t max) { return {min, max, true, false}; }
Range between(Duration min, Duration max) { return {min.count(), max.count(), false, false}; }
Range seconds_between(Duration min, Duration max) {
  return {min.count(), max.count(), false, true};
}

template <class T>
std::optional<T> Codec<T>::read(const Value& value, const Range& range) {
  return read_as(T(), value, range);
}
template <class T>
std::string Codec<T>::write(const T& value) {
  return write_as(value);
}
template <class T>
std::string Codec<T>::kind(const Range& range) {
  return kind_of(T(), range);
}

template struct Codec<bool>;
template struct Codec<std::string>;
template struct Codec<Strings>;
template struct Codec<OptionalStrings>;
template struct Codec<std::uint64_t>;
template struct Codec<Duration>;
template struct Codec<limits::RateLimit>;
template struct Codec<EngineType>;
template struct Codec<Unconfigured>;
template struct Codec<LogLevel>;
template struct Codec<LogFormat>;
template struct Codec<hub::Audience>;
template struct Codec<hub::Onlookers>;
template struct Codec<hub::RecoveryMode>;
template struct Codec<hub::Unrecoverable>;
template struct Codec<doors::Who>;
template struct Codec<Identities>;
template struct Codec<FileMode>;

}  // namespace usher::config
