// A hash function of OpenSSL with its context, kept for reuse. Looking up the function and creating
// a context costs more than the digest of a short text.
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
  explicit Digest(const char* name);  // OpenSSL's name of the function
  ~Digest();
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  // Requires: `out` has exactly the size of the function's digest.
  void compute(std::string_view text, std::span<std::byte> out);

 private:
  EVP_MD* function_;
  EVP_MD_CTX* context_;
};

}  // namespace usher
