#include "wire/http_chunks.h"

#include <algorithm>
#include <charconv>

#include "wire/http_rules.h"

namespace usher::wire {
namespace {

bool is_extension_char(char c) {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
}

}  // namespace

ChunkReader::State ChunkReader::read(std::string_view bytes) {
  for (;;) {
    const Step step = step_;
    const std::size_t before = at_;
    State state = State::need_more;
    switch (step) {
      case Step::size:
        state = read_size(bytes.substr(at_));
        break;
      case Step::data:
        state = read_data(bytes.substr(at_));
        break;
      case Step::data_end:
        state = read_line_end(bytes.substr(at_));
        break;
      case Step::trailer:
        state = read_trailer(bytes.substr(at_));
        break;
    }
    if (at_ - body_.size() > kChunkOverheadBytesMax) return State::malformed;
    if (state != State::need_more || at_ == before) return state;
  }
}

// chunk-size [ ";" extensions ] CRLF
ChunkReader::State ChunkReader::read_size(std::string_view rest) {
  const std::size_t end = rest.substr(0, kChunkLineBytesMax).find('\r');
  if (end == std::string_view::npos) {
    return rest.size() < kChunkLineBytesMax ? State::need_more : State::malformed;
  }
  std::uint64_t size = 0;
  const auto [digits_end, error] = std::from_chars(rest.data(), rest.data() + end, size, 16);
  const std::string_view extension(digits_end,
                                   static_cast<std::size_t>(rest.data() + end - digits_end));
  if (error == std::errc::invalid_argument || (!extension.empty() && extension.front() != ';') ||
      !std::all_of(extension.begin(), extension.end(), is_extension_char)) {
    return State::malformed;
  }
  if (rest.size() == end + 1) return State::need_more;
  if (rest[end + 1] != '\n') return State::malformed;
  if (error == std::errc::result_out_of_range || size > body_bytes_max_ - body_.size())
    return State::too_large;

  at_ += end + 2;
  left_ = static_cast<std::size_t>(size);
  step_ = size == 0 ? Step::trailer : Step::data;
  return State::need_more;
}

ChunkReader::State ChunkReader::read_data(std::string_view rest) {
  const std::string_view data = rest.substr(0, left_);
  body_ += data;
  at_ += data.size();
  left_ -= data.size();
  if (left_ == 0) step_ = Step::data_end;
  return State::need_more;
}

// The CRLF behind a chunk's data.
ChunkReader::State ChunkReader::read_line_end(std::string_view rest) {
  constexpr std::string_view kLineEnd = "\r\n";
  if (rest.substr(0, 2) != kLineEnd.substr(0, std::min<std::size_t>(rest.size(), 2)))
    return State::malformed;
  if (rest.size() < 2) return State::need_more;
  at_ += 2;
  step_ = Step::size;
  return State::need_more;
}

// A trailer field, or the empty line that ends the body.
ChunkReader::State ChunkReader::read_trailer(std::string_view rest) {
  const std::size_t end = rest.substr(0, kTrailerLineBytesMax).find('\r');
  if (end == std::string_view::npos) {
    return rest.size() < kTrailerLineBytesMax ? State::need_more : State::malformed;
  }
  if (rest.size() == end + 1) return State::need_more;
  if (rest[end + 1] != '\n') return State::malformed;
  at_ += end + 2;
  if (end == 0) return State::complete;
  return is_trailer(rest.substr(0, end)) ? State::need_more : State::malformed;
}

}  // namespace usher::wire
