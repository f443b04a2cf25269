#include "base/duration_text.h"

#include <array>
#include <charconv>

namespace usher {
namespace {

struct Unit {
  std::string_view name;
  Duration duration;
};

// Smallest first.
constexpr std::array<Unit, 5> kUnits{{{"ms", std::chrono::milliseconds(1)},
                                      {"s", std::chrono::seconds(1)},
                                      {"m", std::chrono::minutes(1)},
                                      {"h", std::chrono::hours(1)},
                                      {"d", std::chrono::hours(24)}}};
constexpr Duration kLongest = std::chrono::hours(24) * 36525;

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  std::uint64_t count = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc()) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  for (const Unit& unit : kUnits) {
    if (unit.name != name) continue;
    if (count > static_cast<std::uint64_t>(kLongest / unit.duration)) return std::nullopt;
    return unit.duration * static_cast<Duration::rep>(count);
  }
  return std::nullopt;
}

std::string format_duration(Duration duration) {
  if (duration < kUnits.front().duration) return "0s";
  const Unit* best = &kUnits.front();
  for (const Unit& unit : kUnits) {
    if (unit.name != "d" && duration % unit.duration == Duration::zero()) best = &unit;
  }
  return std::to_string(duration / best->duration).append(best->name);
}

}  // namespace usher
