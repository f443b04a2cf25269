#include "http/problem.h"

#include <array>
#include <string>

#include "base/check.h"
#include "wire/json_writer.h"

namespace usher::http {
namespace {

constexpr std::array<ProblemRow, kProblemCount> kRows = {{
    {400, "BAD_REQUEST", "Bad Request", "The request can't be read as what this call takes."},
    {401, "MISSING_AUTH", "Unauthorized",
     "Send the session's token as 'Authorization: Bearer <token>'. POST /auth/token gives a "
     "guest a token."},
    {401, "INVALID_TOKEN", "Unauthorized",
     "This gateway does not accept the token. Fetch a new one."},
    {401, "TOKEN_EXPIRED", "Unauthorized", "The token has expired. Fetch a new one."},
    {401, "MISSING_SESSION", "Unauthorized",
     "The token is valid but names no session. Its issuer must add the session claim."},
    {401, "SESSION_REVOKED", "Unauthorized", "The server has revoked this session. Log in again."},
    {401, "LOGIN_REQUIRED", "Unauthorized",
     "The application's server does not know this login. Log in, then try again."},
    {401, "NOT_AUTHORIZED", "Unauthorized", "There is no ticket, or one that opens nothing."},
    {401, "TICKET_EXPIRED", "Unauthorized", "The ticket has expired. Fetch a new one."},
    {401, "INVALID_API_KEY", "Unauthorized",
     "Send a key from api.key_file as 'X-API-Key: <key>' or 'Authorization: apikey <key>'."},
    {403, "ORIGIN_BLOCKED", "Forbidden",
     "Pages from this Origin may not use this gateway. Its operator can add it to "
     "client.allowed_origins."},
    {403, "GUESTS_DISABLED", "Forbidden",
     "This gateway gives no tokens to guests. Use a token from the application's own login."},
    {403, "NOT_ALLOWED", "Forbidden", "The application's server does not allow this."},
    {404, "NOT_FOUND", "Not Found", "There is nothing at this path."},
    {405, "METHOD_NOT_ALLOWED", "Method Not Allowed",
     "This path accepts only the methods in 'Allow'."},
    {408, "REQUEST_TIMEOUT", "Request Timeout", "The request did not arrive in time."},
    {413, "TOO_LARGE", "Content Too Large", "The body is larger than this call accepts."},
    {422, "RELOAD_FAILED", "Unprocessable Content",
     "The configuration can't be used, and nothing was changed."},
    {426, "UPGRADE_REQUIRED", "Upgrade Required",
     "This path accepts only WebSocket version 13 (RFC 6455)."},
    {429, "RATE_LIMITED", "Too Many Requests",
     "Too many requests. Wait for as long as 'Retry-After' says."},
    {431, "HEADERS_TOO_LARGE", "Request Header Fields Too Large",
     "The header is larger than limits.head_bytes or has more than 100 fields."},
    {500, "INTERNAL_ERROR", "Internal Server Error", "An internal error occurred in the gateway."},
    {503, "STORE_UNAVAILABLE", "Service Unavailable",
     "The ticket store can't be reached at the moment. Try again with backoff."},
    {503, "BACKEND_UNAVAILABLE", "Service Unavailable",
     "The application's server gave no usable answer. Try again with backoff."},
    {503, "OVERLOADED", "Service Unavailable",
     "The gateway is at one of its limits. Try again with backoff."},
    {503, "DRAINING", "Service Unavailable",
     "This node is shutting down. Try again: another node answers."},
    {505, "VERSION_NOT_SUPPORTED", "HTTP Version Not Supported",
     "This gateway accepts only HTTP 1.1 and HTTP 1.0."},
}};

std::string_view challenge_of(Problem problem) {
  switch (problem) {
    case Problem::missing_auth:
      return "Bearer error=\"invalid_request\", error_description=\"no bearer token\"";
    case Problem::invalid_token:
      return "Bearer error=\"invalid_token\"";
    case Problem::token_expired:
      return "Bearer error=\"invalid_token\", error_description=\"the token has expired\"";
    case Problem::missing_session:
      return "Bearer error=\"invalid_token\", error_description=\"the token names no session\"";
    case Problem::session_revoked:
      return "Bearer error=\"invalid_token\", error_description=\"the session was revoked\"";
    case Problem::login_required:
      return "Bearer";  // without an error: no token was refused (RFC 6750 section 3.1)
    case Problem::not_authorized:
    case Problem::ticket_expired:
      return "ticket";
    case Problem::invalid_api_key:
      return "apikey";
    default:
      return "";
  }
}

std::string body_of(const ProblemRow& r, const ProblemText& text) {
  std::string body;
  wire::JsonObjectWriter object(body);
  object.string("title", r.title);
  object.number("status", r.status.value());
  object.string("detail", text.detail.empty() ? r.detail : text.detail);
  object.string("code", text.code.empty() ? r.code : text.code);
  object.text("trace_id", text.trace_id);
  if (text.retry_after) {
    object.number("retry_after_ms", text.retry_after->count());
    object.flag("place", text.is_place);
  }
  object.end();
  return body;
}

bool ends_connection(int status) {
  return status == 400 || status == 408 || status == 413 || status == 426 || status == 431 ||
         status == 505;
}

}  // namespace

const ProblemRow& row(Problem problem) {
  const auto index = static_cast<std::size_t>(problem);
  USHER_CHECK(index < kRows.size());
  return kRows[index];
}

wire::HttpResponse make_problem(Problem problem, const ProblemText& text) {
  const ProblemRow& r = row(problem);
  wire::HttpResponse response;
  response.status = r.status.value();
  response.close = ends_connection(r.status.value());
  response.set("Content-Type", "application/problem+json");
  response.set("Cache-Control", "no-store");
  if (const auto challenge = challenge_of(problem); !challenge.empty()) {
    response.set("WWW-Authenticate", std::string(challenge));
  }
  if (problem == Problem::upgrade_required) {
    response.set("Upgrade", "websocket");
    response.set("Sec-WebSocket-Version", "13");
  }
  if (text.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*text.retry_after);
    response.set("Retry-After", std::to_string(seconds.count()));
  }
  if (!text.trace_id.empty()) response.set("X-Request-ID", std::string(text.trace_id));
  response.body = body_of(r, text);
  return response;
}

}  // namespace usher::http
