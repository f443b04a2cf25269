#include "wire/http_response.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "base/check.h"

namespace usher::wire {
namespace {

constexpr std::array kPhrases = std::to_array<std::pair<int, std::string_view>>({
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
});

void append_field(std::string& out, std::string_view name, std::string_view value) {
  constexpr std::string_view kLineBreakers("\r\n\0", 3);
  USHER_INVARIANT(!name.empty() && name.find_first_of(kLineBreakers) == std::string_view::npos);
  USHER_INVARIANT(value.find_first_of(kLineBreakers) == std::string_view::npos);
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

// RFC 9110 section 8.6, RFC 9112 section 6.1: these never have a body, and say no length.
bool has_no_content(int status) { return status < 200 || status == 204 || status == 304; }

// What holds for this connection alone is listed here, `Upgrade` too (RFC 9110
// sections 7.6.1, 7.8).
void append_connection(std::string& out, const HttpResponse& response,
                       const ResponseOptions& options) {
  std::string listed;
  if (response.close || !options.keep_alive) {
    listed = "close";
  } else if (options.request_minor_version == 0) {
    listed = "keep-alive";
  }
  const bool upgrades = std::any_of(response.fields.begin(), response.fields.end(),
                                    [](const auto& field) { return field.first == "Upgrade"; });
  if (upgrades) listed += listed.empty() ? "Upgrade" : ", Upgrade";
  if (!listed.empty()) append_field(out, "Connection", listed);
}

}  // namespace

void append_response(std::string& out, const HttpResponse& response,
                     const ResponseOptions& options) {
  USHER_INVARIANT(response.status >= 100 && response.status <= 599);
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  if (options.date) append_field(out, "Date", http_date(*options.date));
  for (const auto& [name, value] : response.fields) append_field(out, name, value);

  const bool no_content = has_no_content(response.status);
  if (!no_content) append_field(out, "Content-Length", std::to_string(response.body.size()));
  append_connection(out, response, options);
  out += "\r\n";
  if (!no_content && !options.head_only) out += response.body;
}

std::string_view reason_phrase(int status) {
  for (const auto& [known, phrase] : kPhrases) {
    if (known == status) return phrase;
  }
  return "Unknown";
}

std::string http_date(WallTime time) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  char text[40];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

}  // namespace usher::wire
