// Standard input, read only when it is wanted.
//
// Threads: belongs to its loop. Borrows: the descriptor. Limits: kReadBytesMax a read.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "apps/raw/readiness.h"

namespace usher::apps {

struct InputEvents {
  std::function<void(std::string_view)> on_bytes;  // valid during the call
  std::function<void(std::string error)> on_end;   // once; `error` is empty at the end of the input
};

class Input {
 public:
  static constexpr std::size_t kReadBytesMax = 64 << 10;

  // Throws std::system_error if the system is out of descriptors.
  Input(boost::asio::io_context& loop, int descriptor, InputEvents events);

  // Leads to one event, never inline. Does nothing if a read is under way, or after the end.
  void read();

  // The read under way leads to no event, and no other one follows.
  void close();

 private:
  void read_now();

  const int descriptor_;
  const InputEvents events_;
  Readiness readable_;
  std::string buffer_;
  bool reading_ = false;
  bool ended_ = false;
};

}  // namespace usher::apps
