// The key sources of all issuers that publish their keys: one for each, which no other delays.
//
// Threads: any. Borrows: the Outbound, clock, log and keys, which must outlive the Outbound's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "issuer/issuer_keys.h"
#include "issuer/key_source.h"
#include "issuer/newer_keys.h"

namespace usher::issuer {

class KeySources {
 public:
  KeySources(http_client::Outbound& outbound, const Clock& clock, Log& log, IssuerKeys& keys)
      : outbound_(outbound), clock_(clock), log_(log), keys_(keys) {}

  // Takes over the issuers of `parts`: fetches the key sets of new ones, and again those of the
  // others. A source stays where issuer and URL stay. Requires: the URLs can be parsed.
  void set(const VerifierParts& parts);

  // See NewerKeys.
  void ask(std::string_view issuer, KeySource::Done done);
  bool are_missing(std::string_view issuer) const;

  // Returns the names (IssuerParts::source_name()) of those without which tokens of their issuer
  // can't be verified, because no file has a key of it.
  std::vector<std::string> missing() const;

 private:
  struct Held {
    std::string url;
    bool has_file_keys = false;
    std::shared_ptr<KeySource> source;
  };

  std::shared_ptr<KeySource> find(std::string_view issuer) const;
  std::shared_ptr<KeySource> make(const IssuerParts& parts) const;

  http_client::Outbound& outbound_;
  const Clock& clock_;
  Log& log_;
  IssuerKeys& keys_;
  mutable std::mutex mutex_;
  std::map<std::string, Held, std::less<>> sources_;  // by issuer; guarded by mutex_
};

// The interface of one shard's routes to the KeySources. `post` runs a task later, on the shard's
// thread. Borrows the sources. A ShardKeys must outlive the sources' calls, which end when the
// Outbound's thread has ended.
class ShardKeys final : public NewerKeys {
 public:
  using Post = std::function<void(UniqueFunction<void()>)>;

  ShardKeys(KeySources& sources, Post post) : sources_(sources), post_(std::move(post)) {}

  void ask(std::string_view issuer, UniqueFunction<void(KeyNews)> done) override;
  bool are_missing(std::string_view issuer) const override { return sources_.are_missing(issuer); }

 private:
  KeySources& sources_;
  const Post post_;
};

}  // namespace usher::issuer
