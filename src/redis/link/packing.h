// Numbers and byte strings in a row: how everything is written that nodes tell each other, or keep
// in Redis for each other.
//
// A number is a varint (7 bits a byte, least first, at most 64 bits), a string its length and its
// bytes. Whoever reads checks as it goes: what another version wrote, or nobody, ends in !ok(),
// never in a bad read or a big allocation.
//
// Threads: none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace usher::redis {

class Packer {
 public:
  Packer& number(std::uint64_t value);
  Packer& text(std::string_view value);
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view packed) : rest_(packed) {}

  // 0 or empty once something was wrong. A view lives as long as what it was read from.
  std::uint64_t number();
  std::string_view text();
  // How many items follow, each of at least one byte: so no more than there are bytes.
  std::size_t count();

  bool ok() const { return ok_; }
  // Everything has been read, and all of it was right.
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::uint64_t fail();

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace usher::redis
