#include <openssl/evp.h>

#include <array>

#include "base/bytes.h"
#include "base/check.h"
#include "redis/link/commands.h"

namespace usher::redis {
namespace {

// Redis' name for a script. No security depends on its strength.
std::string sha1_hex(std::string_view text) {
  std::array<std::byte, 20> digest{};
  unsigned size = 0;
  USHER_CHECK(EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(digest.data()),
                         &size, EVP_sha1(), nullptr) == 1 &&
              size == digest.size());
  return to_hex(digest);
}

}  // namespace

Script::Script(std::string source) : source_(std::move(source)), sha1_(sha1_hex(source_)) {}

}  // namespace usher::redis
