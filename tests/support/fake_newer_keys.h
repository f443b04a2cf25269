// For tests: an issuer that answers when the test calls answer(), and keys with names.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "auth/jwt_signer.h"
#include "auth/jwt_verifier.h"
#include "issuer/newer_keys.h"

namespace usher::issuer {

class FakeNewerKeys final : public NewerKeys {
 public:
  static constexpr const char* kSecret = "named-named-named-named-named-named";

  void ask(std::string_view issuer, UniqueFunction<void(KeyNews)> done) override {
    asked.emplace_back(issuer);
    waiting.push_back(std::move(done));
  }
  bool are_missing(std::string_view) const override { return missing; }
  void answer(KeyNews news) {
    for (auto& done : std::exchange(waiting, {})) done(news);
  }

  // Returns a verifier with one key, named `kid`; without keys if `kid` is null.
  static std::shared_ptr<const auth::JwtVerifier> verifier(const char* kid) {
    auth::KeySet keys;
    if (kid != nullptr) {
      auth::Key key = auth::secret_key(kSecret);
      key.kid = kid;
      keys.add(std::move(key));
    }
    return std::make_shared<auth::JwtVerifier>(auth::JwtOptions{}, keys);
  }
  static std::string sign(const auth::JwtPayload& payload, const std::string& kid) {
    const std::string header =
        kid.empty() ? R"({"alg":"HS256"})" : R"({"alg":"HS256","kid":")" + kid + R"("})";
    return auth::JwtSigner(auth::secret_key(kSecret)).sign_raw(header, payload.json());
  }

  std::deque<UniqueFunction<void(KeyNews)>> waiting;
  std::deque<std::string> asked;  // whose keys
  bool missing = false;
};

}  // namespace usher::issuer
