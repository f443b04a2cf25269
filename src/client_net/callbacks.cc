#include "client_net/callbacks.h"

#include <cstdio>

namespace usher::client_net {

namespace {

ClientLogLevel to_public(client::LogLevel level) {
  switch (level) {
    case client::LogLevel::info:
      return ClientLogLevel::info;
    case client::LogLevel::warn:
      return ClientLogLevel::warn;
    case client::LogLevel::error:
      return ClientLogLevel::error;
  }
  return ClientLogLevel::error;
}

void print_line(ClientLogLevel, const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace

ClientFailure to_public(const client::Failed& failed) {
  return {.http_status = failed.status, .close_code = failed.code, .reason = failed.reason};
}

Callbacks::Callbacks(Log log, Detail detail)
    : log_(log ? std::move(log) : print_line), detail_(std::move(detail)) {}

void Callbacks::log(const client::LogLine& line) const {
  call([&] { log_(to_public(line.level), line.text); });
}

void Callbacks::detail(const std::string& text) const {
  if (detail_) call([&] { detail_(text); });
}

void Callbacks::fault(const std::string& text) const noexcept {
  if (muted_) return;
  try {
    if (detail_) return detail_(text);
    log_(ClientLogLevel::error, "[Client] " + text);
  } catch (...) {
    return;  // there is no other way to report it
  }
}

}  // namespace usher::client_net
