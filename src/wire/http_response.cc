#include "wire/http_response.h"

#include <array>
#include <cstdio>

#include "base/check.h"

namespace usher::wire {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  constexpr std::string_view kLineBreakers("\r\n\0", 3);
  USHER_CHECK(!name.empty() && name.find_first_of(kLineBreakers) == std::string_view::npos);
  USHER_CHECK(value.find_first_of(kLineBreakers) == std::string_view::npos);
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

// RFC 9110 section 8.6, RFC 9112 section 6.1: these never have a body, and say no length.
bool has_no_content(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

void append_response(std::string& out, const HttpResponse& response,
                     const ResponseOptions& options) {
  USHER_CHECK(response.status >= 100 && response.status <= 599);
  out += "HTTP/1.1 ";
  out += std::to_string(response.status);
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\n";
  if (options.date) append_field(out, "Date", http_date(*options.date));
  for (const auto& [name, value] : response.fields) append_field(out, name, value);

  const bool no_content = has_no_content(response.status);
  if (!no_content) append_field(out, "Content-Length", std::to_string(response.body.size()));
  if (response.close || !options.keep_alive) {
    append_field(out, "Connection", "close");
  } else if (options.request_minor_version == 0) {
    append_field(out, "Connection", "keep-alive");
  }
  out += "\r\n";
  if (!no_content && !options.head_only) out += response.body;
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 101:
      return "Switching Protocols";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
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
