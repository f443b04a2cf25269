#include "net/join_buffer.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace usher::net {
namespace {

bool is_same(const iovec& a, const iovec& b) {
  return a.iov_base == b.iov_base && a.iov_len == b.iov_len;
}

}  // namespace

std::size_t JoinBuffer::joinable(std::span<const iovec> parts) {
  std::size_t size = 0;
  std::size_t count = 0;
  while (count < parts.size() && parts[count].iov_len <= kJoinedMax - size) {
    size += parts[count++].iov_len;
  }
  return std::max<std::size_t>(count, parts.empty() ? 0 : 1);
}

std::span<const char> JoinBuffer::join(std::span<const iovec> parts) {
  if (parts.size() == 1) return {static_cast<const char*>(parts[0].iov_base), parts[0].iov_len};
  if (std::ranges::equal(parts, std::span(last_).first(last_count_), is_same)) return last_joined_;
  USHER_CHECK(has_room() && parts.size() <= kPartsMax);
  const std::size_t begin = used_;
  for (const iovec& part : parts) {
    std::memcpy(bytes_.data() + used_, part.iov_base, part.iov_len);
    used_ += part.iov_len;
  }
  std::ranges::copy(parts, last_.begin());
  last_count_ = parts.size();
  last_joined_ = std::span(bytes_).subspan(begin, used_ - begin);
  return last_joined_;
}

void JoinBuffer::clear() {
  used_ = 0;
  last_count_ = 0;
  last_joined_ = {};
}

}  // namespace usher::net
