#include "issuer/key_sources.h"

#include <utility>

namespace usher::issuer {

void KeySources::set(const VerifierParts& parts) {
  std::vector<std::shared_ptr<KeySource>> added, kept;
  std::map<std::string, Held, std::less<>> sources;
  {
    const std::lock_guard lock(mutex_);
    for (const IssuerParts& issuer : parts.issuers) {
      if (issuer.jwks_url.empty()) continue;
      const std::string name = issuer.options.issuer.value_or("");
      Held held{issuer.jwks_url, !issuer.keys.empty(), nullptr};
      const auto found = sources_.find(name);
      if (found != sources_.end() && found->second.url == held.url) {
        held.source = kept.emplace_back(std::move(found->second.source));
        sources_.erase(found);
      } else {
        held.source = added.emplace_back(make(issuer));
      }
      sources.emplace(name, std::move(held));
    }
    sources_.swap(sources);
  }
  for (const auto& [name, held] : sources) held.source->retire();
  for (const auto& source : added) source->start();
  for (const auto& source : kept) source->refresh();
}

std::shared_ptr<KeySource> KeySources::make(const IssuerParts& parts) const {
  return std::make_shared<KeySource>(
      KeySourceOptions{.name = parts.source_name(),
                       .endpoint = *http_client::parse_url(parts.jwks_url)},
      outbound_, clock_, log_,
      [&keys = keys_, issuer = parts.options.issuer.value_or(""), url = parts.jwks_url](
          std::string_view body) { return keys.take_published(issuer, url, body); });
}

std::shared_ptr<KeySource> KeySources::find(std::string_view issuer) const {
  const std::lock_guard lock(mutex_);
  const auto found = sources_.find(issuer);
  return found == sources_.end() ? nullptr : found->second.source;
}

void KeySources::ask(std::string_view issuer, KeySource::Done done) {
  if (const auto source = find(issuer)) return source->ask(std::move(done));
  done({.looked = true});
}

bool KeySources::are_missing(std::string_view issuer) const {
  const auto source = find(issuer);
  return source && source->are_missing();
}

std::vector<std::string> KeySources::missing() const {
  std::vector<std::string> names;
  const std::lock_guard lock(mutex_);
  for (const auto& [issuer, held] : sources_) {
    if (!held.has_file_keys && held.source->are_missing()) names.push_back(held.source->name());
  }
  return names;
}

void ShardKeys::ask(std::string_view issuer, UniqueFunction<void(KeyNews)> done) {
  // By mailbox even where the answer is there at once: that spares a second way of coming back.
  sources_.ask(issuer, [&post = post_, done = std::move(done)](KeyNews news) mutable {
    post([done = std::move(done), news]() mutable { done(news); });
  });
}

}  // namespace usher::issuer
