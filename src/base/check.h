// Checks for usher's own bugs. A peer's mistakes are never handled here: they are values
// (result.h).
//
// USHER_CHECK: memory, or state that all connections share, can't be trusted any more. Ends the
// process at once, with a message.
//
// USHER_INVARIANT: the state of one connection is wrong. Throws BrokenInvariant. The shell that
// called the connection's code (net/connection.cc, net/accepted_socket.cc, net/shard.cc) ends that
// connection, with 1011 if a close frame can still be sent. All other connections continue.
#pragma once

#include <exception>
#include <string>

namespace usher {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

// what() names the condition and the place in the source. It contains no data of a peer.
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
