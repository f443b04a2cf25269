// Cuts the bytes of standard input into lines, and writes messages as lines. Pure: no descriptor.
//
// Threads: none of its own. Limits: line_bytes_max; a longer line is an error, not a message.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace usher::apps {

struct LineOptions {
  char end = '\n';
  std::size_t line_bytes_max = std::size_t{16} << 20;
};

class LineSplitter {
 public:
  explicit LineSplitter(LineOptions options) : options_(options) {}

  // Appends the lines that `bytes` completes, without their ends, to `lines`. Returns false if a
  // line has more than line_bytes_max bytes; after that the caller must feed nothing more.
  bool feed(std::string_view bytes, std::vector<std::string>& lines);

  // The input has ended: a last line needs no end, unless it is empty.
  void finish(std::vector<std::string>& lines);

 private:
  const LineOptions options_;
  std::string begun_;
};

// Returns `message` as one line: a space stands for each `end` inside it.
std::string line_of(std::string_view message, char end);

}  // namespace usher::apps
