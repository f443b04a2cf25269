#include "redis/link/packing.h"

namespace usher::redis {
namespace {

constexpr unsigned kBitsInByte = 7;
constexpr unsigned char kMore = 0x80;

}  // namespace

Packer& Packer::number(std::uint64_t value) {
  while (value >= kMore) {
    out_.push_back(static_cast<char>(static_cast<unsigned char>(value) | kMore));
    value >>= kBitsInByte;
  }
  out_.push_back(static_cast<char>(value));
  return *this;
}

Packer& Packer::text(std::string_view value) {
  number(value.size());
  out_.append(value);
  return *this;
}

std::uint64_t Unpacker::fail() {
  ok_ = false;
  rest_ = {};
  return 0;
}

std::uint64_t Unpacker::number() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += kBitsInByte) {
    if (rest_.empty()) return fail();
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    if (shift == 63 && byte > 1) return fail();
    value |= static_cast<std::uint64_t>(byte & ~kMore) << shift;
    if ((byte & kMore) == 0) return value;
  }
  return fail();
}

std::string_view Unpacker::text() {
  const std::uint64_t length = number();
  if (length > rest_.size()) {
    fail();
    return {};
  }
  const std::string_view value = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return value;
}

std::size_t Unpacker::count() {
  const std::uint64_t value = number();
  return value > rest_.size() ? fail() : value;
}

}  // namespace usher::redis
