#include "apps/raw/input.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace usher::apps {

Input::Input(boost::asio::io_context& loop, int descriptor, InputEvents events)
    : descriptor_(descriptor),
      events_(std::move(events)),
      readable_(loop, descriptor, Direction::read) {}

void Input::read() {
  if (ended_ || std::exchange(reading_, true)) return;
  readable_.wait([this] { read_now(); });
}

void Input::close() {
  ended_ = true;
  readable_.cancel();
}

void Input::read_now() {
  reading_ = false;
  buffer_.resize(kReadBytesMax);
  const ssize_t size = ::read(descriptor_, buffer_.data(), buffer_.size());
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return read();
  if (size > 0)
    return events_.on_bytes(std::string_view(buffer_).substr(0, static_cast<std::size_t>(size)));
  ended_ = true;
  events_.on_end(size < 0 ? std::system_category().message(errno) : std::string());
}

}  // namespace usher::apps
