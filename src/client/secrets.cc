#include "client/secrets.h"

#include <algorithm>

namespace usher::client {

void Secrets::add(std::string_view secret) {
  if (secret.empty()) return;
  if (const auto known = std::ranges::find(known_, secret); known != known_.end())
    known_.erase(known);
  known_.emplace_back(secret);
  if (known_.size() > kSecretsMax) known_.pop_front();
}

std::string Secrets::mask(std::string_view text) const {
  const bool leaks = std::ranges::any_of(known_, [&](const std::string& secret) {
    return text.find(secret) != std::string_view::npos;
  });
  return leaks ? "***" : std::string(text);
}

}  // namespace usher::client
