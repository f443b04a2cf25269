#include "client/retry_after.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace usher::client {

namespace {

constexpr std::string_view kSpace = " \t\r\n\f\v";
constexpr std::array<std::string_view, 7> kWeekdays{"Mon", "Tue", "Wed", "Thu",
                                                    "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// `Sun, 06 Nov 1994 08:49:37 GMT`, read by position. Any surprise clears `good`.
class FixdateReader {
 public:
  explicit FixdateReader(std::string_view text) : text_(text), good_(text.size() == 29) {}

  void expect(std::string_view literal) {
    if (good_) good_ = text_.substr(at_, literal.size()) == literal;
    at_ += literal.size();
  }
  int digits(std::size_t count) {
    int number = 0;
    for (std::size_t i = 0; i < count && good_; ++i) {
      const char c = text_[at_ + i];
      good_ = is_digit(c);
      number = number * 10 + (c - '0');
    }
    at_ += count;
    return number;
  }
  template <std::size_t N>
  unsigned word(const std::array<std::string_view, N>& words) {
    if (!good_) return 0;
    const auto found = std::ranges::find(words, text_.substr(at_, 3));
    good_ = found != words.end();
    at_ += 3;
    return static_cast<unsigned>(found - words.begin());
  }
  bool good() const { return good_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  bool good_;
};

std::optional<Instant> parse_fixdate(std::string_view text) {
  FixdateReader in(text);
  in.word(kWeekdays);
  in.expect(", ");
  const int day = in.digits(2);
  in.expect(" ");
  const unsigned month = in.word(kMonths) + 1;
  in.expect(" ");
  const int year = in.digits(4);
  in.expect(" ");
  const int hour = in.digits(2);
  in.expect(":");
  const int minute = in.digits(2);
  in.expect(":");
  const int second = in.digits(2);
  in.expect(" GMT");
  if (!in.good() || hour > 23 || minute > 59 || second > 60) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace

double retry_after_ms(std::string_view text, Instant now) {
  const std::string_view value = trim(text);
  if (!value.empty() && std::ranges::all_of(value, is_digit)) {
    double seconds = 0;
    for (const char c : value) seconds = seconds * 10 + (c - '0');
    return seconds * 1000;
  }
  const auto date = parse_fixdate(value);
  return date && *date > now ? static_cast<double>((*date - now).count()) : 0;
}

GivenDelay given_delay(const HttpFailure& failure, Instant now) {
  if (failure.retry_after_ms && *failure.retry_after_ms >= 0 &&
      std::isfinite(*failure.retry_after_ms)) {
    return {*failure.retry_after_ms, failure.place};
  }
  return {failure.retry_after ? retry_after_ms(*failure.retry_after, now) : 0, failure.place};
}

}  // namespace usher::client
