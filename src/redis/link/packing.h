// A sequence of numbers and byte strings: the format of everything that nodes send each other, or
// keep in Redis for each other.
//
// A number is a varint (7 bits a byte, least significant first, at most 64 bits). A string is its
// length and its bytes. Reading checks each step: input of another version, or garbage, ends in
// !ok(), never in a bad read or a large allocation.
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

  // Return 0 or an empty view after an error. A view is valid as long as the input.
  std::uint64_t number();
  std::string_view text();
  // Reads the number of items that follow. Each takes at least one byte, so a number beyond the
  // bytes that are left is an error.
  std::size_t count();

  bool ok() const { return ok_; }
  // Returns whether everything was read, without an error.
  bool done() const { return ok_ && rest_.empty(); }

 private:
  std::uint64_t fail();

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace usher::redis
