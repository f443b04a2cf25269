#include "client/log_line.h"

#include <algorithm>
#include <array>
#include <utility>

namespace usher::client {

namespace {

// RFC 9110; 428 and 431 are RFC 6585's.
constexpr std::array kPhrases = std::to_array<std::pair<int, std::string_view>>({
    {300, "MULTIPLE CHOICES"},
    {301, "MOVED PERMANENTLY"},
    {302, "FOUND"},
    {303, "SEE OTHER"},
    {304, "NOT MODIFIED"},
    {305, "USE PROXY"},
    {307, "TEMPORARY REDIRECT"},
    {308, "PERMANENT REDIRECT"},
    {400, "BAD REQUEST"},
    {401, "UNAUTHORIZED"},
    {402, "PAYMENT REQUIRED"},
    {403, "FORBIDDEN"},
    {404, "NOT FOUND"},
    {405, "METHOD NOT ALLOWED"},
    {406, "NOT ACCEPTABLE"},
    {407, "PROXY AUTHENTICATION REQUIRED"},
    {409, "CONFLICT"},
    {410, "GONE"},
    {411, "LENGTH REQUIRED"},
    {412, "PRECONDITION FAILED"},
    {413, "CONTENT TOO LARGE"},
    {414, "URI TOO LONG"},
    {415, "UNSUPPORTED MEDIA TYPE"},
    {416, "RANGE NOT SATISFIABLE"},
    {417, "EXPECTATION FAILED"},
    {421, "MISDIRECTED REQUEST"},
    {422, "UNPROCESSABLE CONTENT"},
    {426, "UPGRADE REQUIRED"},
    {428, "PRECONDITION REQUIRED"},
    {431, "REQUEST HEADER FIELDS TOO LARGE"},
});

std::string quoted_member(std::string_view name, std::string_view code) {
  return std::string(name) + ": '" + escaped(code) + "'";
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) continue;  // continues a code point, which already has its `?`
    out += byte < 0x20 || byte > 0x7E || c == '\'' || c == '\\' ? '?' : c;
  }
  return out;
}

std::string refresh_text(std::string_view code) {
  std::string text = "[Auth] Received 401";
  if (!code.empty()) text += " " + escaped(code);
  return text + ", refreshing token...";
}

std::string refresh_failed_text(std::string_view what, std::string_view then) {
  return "[Auth] Refresh failed: " + escaped(what) + ", " + std::string(then);
}

std::string failed_to_connect_text(int status, std::string_view code) {
  std::string text = "[WS] Failed to connect HttpErrorResponse { status: " + std::to_string(status);
  if (!code.empty()) text += ", error: { " + quoted_member("code", code) + " }";
  return text + " }";
}

std::string hard_http_text(int status, std::string_view code) {
  std::string text = "[WS] Hard failure - ";
  text += status == 401 || status == 403 ? "auth error" : "request refused";
  text += " { status: " + std::to_string(status);
  if (!code.empty()) text += ", " + quoted_member("code", code);
  return text + " }";
}

std::string stopping_text(Call call, int status) {
  std::string text = call == Call::token ? "[WS] Token" : "[WS] Ticket";
  text += " request failed: " + std::to_string(status);
  const auto phrase = std::ranges::find(kPhrases, status, &std::pair<int, std::string_view>::first);
  if (phrase != kPhrases.end()) (text += ' ') += phrase->second;
  return text + " - stopping reconnect";
}

std::string soft_http_text(int status) {
  if (status == 503) return "[WS] Soft failure - service unavailable (503), will retry";
  return "[WS] Soft failure - HTTP error (" + std::to_string(status) + "), will retry";
}

std::string reconnecting_text(std::chrono::milliseconds delay, std::uint32_t failures) {
  return "[WS] Reconnecting in " + std::to_string(delay.count()) + "ms (attempt " +
         std::to_string(failures) + ")";
}

std::string close_text(std::uint16_t code, std::string_view reason, bool clean) {
  return "{ code: " + std::to_string(code) + ", " + quoted_member("reason", reason) +
         ", wasClean: " + (clean ? "true" : "false") + " }";
}

}  // namespace usher::client
