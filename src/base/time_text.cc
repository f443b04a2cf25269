#include "base/time_text.h"

namespace usher {
namespace {

void append_digits(std::string& out, unsigned value, int digits) {
  const std::size_t begin = out.size();
  out.append(static_cast<std::size_t>(digits), '0');
  for (auto i = begin + static_cast<std::size_t>(digits); i > begin && value > 0; value /= 10) {
    out[--i] = static_cast<char>('0' + value % 10);
  }
}

}  // namespace

// What does not change within a second is kept from call to call.
void append_rfc3339(std::string& out, WallTime time) {
  thread_local std::chrono::sys_seconds kept_for{};
  thread_local std::string kept;
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  if (second != kept_for || kept.empty()) {
    const auto days = std::chrono::floor<std::chrono::days>(second);
    const std::chrono::year_month_day date(days);
    const std::chrono::hh_mm_ss clock(second - days);
    kept.clear();
    append_digits(kept, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    append_digits(kept += '-', static_cast<unsigned>(date.month()), 2);
    append_digits(kept += '-', static_cast<unsigned>(date.day()), 2);
    append_digits(kept += 'T', static_cast<unsigned>(clock.hours().count()), 2);
    append_digits(kept += ':', static_cast<unsigned>(clock.minutes().count()), 2);
    append_digits(kept += ':', static_cast<unsigned>(clock.seconds().count()), 2);
    kept_for = second;
  }
  append_digits(out.append(kept) += '.', static_cast<unsigned>((time - second).count()), 3);
  out += 'Z';
}

std::string to_rfc3339(WallTime time) {
  std::string text;
  append_rfc3339(text, time);
  return text;
}

}  // namespace usher
