#include "base/digest.h"

#include "base/check.h"

namespace usher {

Digest::Digest(const char* name)
    : function_(EVP_MD_fetch(nullptr, name, nullptr)), context_(EVP_MD_CTX_new()) {
  USHER_CHECK(function_ != nullptr && context_ != nullptr);
}

Digest::~Digest() {
  EVP_MD_CTX_free(context_);
  EVP_MD_free(function_);
}

void Digest::compute(std::string_view text, std::span<std::byte> out) {
  unsigned int size = 0;
  USHER_CHECK(out.size() == static_cast<std::size_t>(EVP_MD_get_size(function_)));
  USHER_CHECK(EVP_DigestInit_ex2(context_, function_, nullptr) == 1 &&
              EVP_DigestUpdate(context_, text.data(), text.size()) == 1 &&
              EVP_DigestFinal_ex(context_, reinterpret_cast<unsigned char*>(out.data()), &size) ==
                  1);
}

}  // namespace usher
