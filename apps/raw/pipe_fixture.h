// A pipe, for tests of what reads and writes descriptors.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace usher::apps {

class Pipe {
 public:
  Pipe() : open_(::pipe(ends_.data()) == 0) {}
  ~Pipe() {
    close_read();
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool is_open() const { return open_; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_read() { close(ends_[0]); }
  void close_write() { close(ends_[1]); }

  bool put(std::string_view text) const {
    return ::write(write_end(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }

  // Returns what one read brings, at most `size` bytes.
  std::string take(std::size_t size) const {
    std::string text(size, '\0');
    const ssize_t got = ::read(read_end(), text.data(), size);
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }

 private:
  static void close(int& end) {
    if (const int which = std::exchange(end, -1); which >= 0) ::close(which);
  }

  std::array<int, 2> ends_{-1, -1};
  bool open_;
};

}  // namespace usher::apps
