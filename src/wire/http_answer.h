// Reads the head of an upstream's answer to an upgrade request (RFC 9112 section 4). Boost.Beast
// parses it; this says when it is whole.
//
// Answers of 100 to 199 but 101 are passed over (RFC 9110 section 15.2). A body is not read: only a
// 101 is of further use, and that has none.
//
// Threads: none of its own. Limits: kAnswerHeadBytesMax for each head.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::wire {

inline constexpr std::size_t kAnswerHeadBytesMax = 16 * 1024;

struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;

  // Returns the values of all fields of that name, joined by ", " (RFC 9110 section 5.3); `nullopt`
  // if there is none. The name is compared without regard to case.
  std::optional<std::string> find(std::string_view name) const;
};

class HttpAnswerReader {
 public:
  HttpAnswerReader();
  ~HttpAnswerReader();

  enum class State { need_more, complete, malformed };

  // Takes the next bytes. After `complete`, rest() are the bytes behind the head. After `malformed`,
  // what() says why. Requires: need_more so far.
  State read(std::string_view bytes);

  const HttpAnswer& answer() const { return answer_; }
  std::string_view rest() const { return rest_; }
  const std::string& what() const { return what_; }

 private:
  struct Parser;

  State parse();

  std::unique_ptr<Parser> parser_;
  std::string rest_;  // received, and not consumed yet
  HttpAnswer answer_;
  std::string what_;
};

}  // namespace usher::wire
