#include "bench/load/http_line.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace usher::bench {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";

ReadAnswer refuse(std::string_view why, std::size_t bytes) { return {{0, {}, why}, bytes}; }

std::optional<std::string_view> field(std::string_view head, std::string_view lowercase_name) {
  for (std::size_t at = head.find("\r\n"); at < head.size(); at = head.find("\r\n", at)) {
    at += 2;
    const std::string_view line = head.substr(at, head.find("\r\n", at) - at);
    if (line.size() <= lowercase_name.size() || line[lowercase_name.size()] != ':') continue;
    const bool same =
        std::equal(lowercase_name.begin(), lowercase_name.end(), line.begin(),
                   [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
    if (!same) continue;
    const auto first = line.find_first_not_of(" \t", lowercase_name.size() + 1);
    return first == std::string_view::npos ? std::string_view() : line.substr(first);
  }
  return std::nullopt;
}

}  // namespace

std::optional<ReadAnswer> read_http_answer(std::string_view bytes) {
  const auto head_end = bytes.find(kHeadEnd);
  if (head_end == std::string_view::npos) {
    if (bytes.size() < HttpLine::kAnswerBytesMax) return std::nullopt;
    return refuse("an answer without an end", bytes.size());
  }
  const std::string_view head = bytes.substr(0, head_end);
  const std::size_t body_begin = head_end + kHeadEnd.size();
  int status = 0;
  if (head.size() < 12 || !head.starts_with("HTTP/1.") ||
      std::from_chars(head.data() + 9, head.data() + 12, status).ec != std::errc()) {
    return refuse("an answer that is not HTTP/1.1", bytes.size());
  }
  std::size_t length = 0;
  if (const auto told = field(head, "content-length")) {
    if (std::from_chars(told->data(), told->data() + told->size(), length).ec != std::errc() ||
        length > HttpLine::kAnswerBytesMax) {
      return refuse("an answer with a Content-Length that is too long or no number", bytes.size());
    }
  } else if (status != 204 && status != 304 && status >= 200) {
    return refuse("an answer without Content-Length", bytes.size());
  }
  if (bytes.size() - body_begin < length) return std::nullopt;
  return ReadAnswer{{status, head, bytes.substr(body_begin, length)}, body_begin + length};
}

void HttpLine::ask(std::string_view request, Done done) {
  done_ = std::move(done);
  if (!stream_.is_open()) {
    received_.clear();
    stream_.open(address_, index_);
  }
  stream_.write(request);
}

void HttpLine::on_bytes(std::span<char> bytes) {
  received_.append(bytes.data(), bytes.size());
  const auto read = read_http_answer(received_);
  if (!read) return;
  const std::string whole = std::exchange(received_, {});
  const auto again = read_http_answer(whole);
  if (again->answer.status == 0 ||
      again->answer.head.find("onnection: close") != std::string_view::npos) {
    stream_.close();
  }
  received_ = whole.substr(again->bytes);
  finish(again->answer);
}

void HttpLine::on_lost(std::string_view why) { finish({0, {}, why}); }

void HttpLine::finish(const HttpAnswer& answer) {
  if (const Done done = std::exchange(done_, nullptr)) done(answer);
}

}  // namespace usher::bench
