// What happens when usher itself is wrong. A peer's mistakes never come here: they are values
// (result.h).
//
// USHER_CHECK: memory, or what all connections share, can't be trusted any more. The process ends,
// at once and loudly.
//
// USHER_INVARIANT: something about one connection is not as it must be. BrokenInvariant is thrown,
// and the shell that entered the connection's code (net/connection.cc, net/accepted_socket.cc,
// net/shard.cc) ends that connection, with 1011 where a close frame can still leave; the others go on.
#pragma once

#include <exception>
#include <string>

namespace usher {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

// what() names the condition and the place in the source; nothing that a peer has sent.
class BrokenInvariant final : public std::exception {
 public:
  BrokenInvariant(const char* condition, const char* file, int line);
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

[[noreturn]] void invariant_broken(const char* condition, const char* file, int line);

}  // namespace usher

#define USHER_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::usher::check_failed(#condition, __FILE__, __LINE__))

#define USHER_INVARIANT(condition) \
  ((condition) ? static_cast<void>(0) : ::usher::invariant_broken(#condition, __FILE__, __LINE__))
