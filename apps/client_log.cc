#include "apps/client_log.h"

#include <cstdio>
#include <utility>

namespace usher::apps {

void ClientLog::line(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  if (text == "[WS] Connected") told_.clear();
  if (text.starts_with("[WS] Reconnecting")) tell_causes();
}

void ClientLog::cause(const std::string& text) {
  if (verbose_) return print_cause(text);
  if (untold_.size() < kCausesMax) untold_.push_back(text);
}

void ClientLog::tell_causes() {
  std::set<std::string> now;
  for (const std::string& cause : std::exchange(untold_, {})) {
    if (!told_.contains(cause) && !now.contains(cause)) print_cause(cause);
    now.insert(cause);
  }
  if (!now.empty()) told_ = std::move(now);
}

void ClientLog::print_cause(const std::string& text) {
  std::fprintf(stderr, "usher connect: %s\n", text.c_str());
  if (text.find("is not trusted") != std::string::npos) {
    std::fprintf(
        stderr, "usher connect: to trust it, name the certificate of its issuer: --ca-file FILE\n");
  }
}

}  // namespace usher::apps
