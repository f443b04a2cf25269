// Is this token good, and is there a token left in this bucket.
#include <benchmark/benchmark.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string>
#include <vector>

#include "auth/jwt_signer.h"
#include "auth/jwt_verifier.h"
#include "auth/key_openssl.h"
#include "limits/rate_limiter.h"
#include "support/seeded_entropy.h"

namespace usher::auth {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kNow{std::chrono::seconds(1'800'000'000)};
constexpr std::size_t kSessions = 10'000;

// As a backend would sign it for somebody who is logged in.
std::string token_by(const Key& key) {
  JwtPayload payload;
  payload.set("sessionId", "sess_9f8a7b6c5d4e3f2a").set("sub", "user-4711");
  payload.set_number("iat", unix_seconds(kNow)).set_number("exp", unix_seconds(kNow) + 3600);
  return JwtSigner(key).sign(payload);
}

Key elliptic_key() {
  const PkeyPtr pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const BioPtr pem(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(pem.get(), pkey.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* text = nullptr;
  const long bytes = BIO_get_mem_data(pem.get(), &text);
  return private_key_from_pem({text, static_cast<std::size_t>(bytes)});
}

void verify(benchmark::State& state, const Key& key) {
  const std::string token = token_by(key);
  const JwtVerifier verifier({}, KeySet({key}));
  for ([[maybe_unused]] auto _ : state) {
    const auto claims = verifier.verify(token, kNow);
    if (!claims) return state.SkipWithError("a good token was refused");
    benchmark::DoNotOptimize(claims);
  }
}

void verify_hs256(benchmark::State& state) {
  verify(state, secret_key("0123456789abcdef0123456789abcdef"));
  state.SetLabel("JWT verified, HS256");
}
BENCHMARK(verify_hs256);

void verify_es256(benchmark::State& state) {
  verify(state, elliptic_key());
  state.SetLabel("JWT verified, ES256");
}
BENCHMARK(verify_es256);

void take_from_bucket(benchmark::State& state) {
  test::SeededEntropy entropy;
  limits::RateLimiter limiter({.count = 30, .per = 10s}, {}, entropy);
  std::vector<std::string> sessions;
  for (std::size_t i = 0; i < kSessions; ++i) sessions.push_back("sess_" + std::to_string(i));
  TimePoint now{};
  std::size_t next = 0;
  for ([[maybe_unused]] auto _ : state) {
    if (!limiter.take(sessions[next], now)) return state.SkipWithError("the bucket ran dry");
    if (++next == sessions.size()) next = 0;
    now += 50us;  // each session comes twice a second
  }
  state.SetLabel("rate bucket asked, 10,000 sessions");
}
BENCHMARK(take_from_bucket);

}  // namespace
}  // namespace usher::auth
