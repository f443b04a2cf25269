// A hash function that is used again and again: finding it in OpenSSL, and making a context for it,
// costs more than the digest of a short text.
//
// Threads: one; make it thread_local.
#pragma once

#include <openssl/evp.h>

#include <cstddef>
#include <span>
#include <string_view>

namespace usher {

class Digest {
 public:
  explicit Digest(const char* name);  // as OpenSSL knows it
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  // Requires that `out` has exactly the function's size.
  void compute(std::string_view text, std::span<std::byte> out);

 private:
  EVP_MD* function_;
  EVP_MD_CTX* context_;
};

}  // namespace usher
