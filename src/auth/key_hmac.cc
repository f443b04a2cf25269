// HMAC (RFC 2104) from two hash states that have already eaten the padded secret: a signature costs
// two copies of a state and the hashing itself, and the secret is not kept. Half of what
// EVP_MAC_CTX_dup costs in OpenSSL 3.0.
#include <openssl/crypto.h>

#include <algorithm>
#include <array>

#include "auth/key.h"
#include "auth/key_openssl.h"
#include "base/bytes.h"
#include "base/check.h"

namespace usher::auth {
namespace {

constexpr std::size_t kBlockBytesMax = 128;

class HmacMaterial final : public KeyMaterial {
 public:
  HmacMaterial(std::string_view secret, Hash hash)
      : size_(size_bytes(hash)),
        inner_(start(secret, hash, 0x36)),
        outer_(start(secret, hash, 0x5c)) {}

  bool verify(std::string_view input, std::string_view signature) const override {
    std::array<unsigned char, EVP_MAX_MD_SIZE> expected;
    compute(input, expected.data());
    return signature.size() == size_ &&
           CRYPTO_memcmp(signature.data(), expected.data(), size_) == 0;
  }

  bool can_sign() const override { return true; }

  std::string sign(std::string_view input) const override {
    std::array<unsigned char, EVP_MAX_MD_SIZE> signature;
    compute(input, signature.data());
    return {reinterpret_cast<const char*>(signature.data()), size_};
  }

  bool same_as(const KeyMaterial& other) const override {
    // Not by secret, which neither keeps: only an equal one signs alike.
    return dynamic_cast<const HmacMaterial*>(&other) != nullptr &&
           other.verify("same key?", sign("same key?"));
  }

 private:
  static MdContextPtr start(std::string_view secret, Hash hash, unsigned char padding) {
    const EVP_MD* digest = digest_of(hash);
    const auto block_bytes = static_cast<std::size_t>(EVP_MD_get_block_size(digest));
    USHER_CHECK(block_bytes <= kBlockBytesMax);
    std::array<unsigned char, kBlockBytesMax> block{};
    if (secret.size() > block_bytes) {
      USHER_CHECK(EVP_Digest(secret.data(), secret.size(), block.data(), nullptr, digest, nullptr));
    } else {
      std::copy(secret.begin(), secret.end(), block.begin());
    }
    for (unsigned char& byte : block) byte ^= padding;
    MdContextPtr context(EVP_MD_CTX_new());
    USHER_CHECK(context && EVP_DigestInit_ex2(context.get(), digest, nullptr) == 1 &&
                EVP_DigestUpdate(context.get(), block.data(), block_bytes) == 1);
    OPENSSL_cleanse(block.data(), block.size());
    return context;
  }

  void compute(std::string_view input, unsigned char* out) const {
    const MdContextPtr context(EVP_MD_CTX_new());
    USHER_CHECK(context && EVP_MD_CTX_copy_ex(context.get(), inner_.get()) == 1 &&
                EVP_DigestUpdate(context.get(), input.data(), input.size()) == 1 &&
                EVP_DigestFinal_ex(context.get(), out, nullptr) == 1 &&
                EVP_MD_CTX_copy_ex(context.get(), outer_.get()) == 1 &&
                EVP_DigestUpdate(context.get(), out, size_) == 1 &&
                EVP_DigestFinal_ex(context.get(), out, nullptr) == 1);
  }

  std::size_t size_;
  MdContextPtr inner_;  // only ever copied from
  MdContextPtr outer_;
};

}  // namespace

Key secret_key(std::string_view secret, Algorithm algorithm) {
  const std::size_t least = secret_bytes_min(algorithm);
  if (secret.size() < least) {
    throw KeyError("the secret has " + std::to_string(secret.size()) + " bytes; " +
                   std::string(to_string(algorithm)) + " needs at least " + std::to_string(least) +
                   " (openssl rand -hex 32 makes a good one)");
  }
  return {algorithm, std::nullopt, std::make_shared<HmacMaterial>(secret, *hash_of(algorithm))};
}

std::string_view secret_of_file(std::string_view content) {
  std::string_view text = content;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
  return printable ? text : content;
}

}  // namespace usher::auth
