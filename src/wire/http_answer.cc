#include "wire/http_answer.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/ascii.h"

namespace usher::wire {

namespace http = boost::beast::http;

struct HttpAnswerReader::Parser {
  Parser() {
    response.header_limit(kAnswerHeadBytesMax);
    response.skip(true);  // a body is not read (see http_answer.h)
  }
  http::response_parser<http::empty_body> response;
};

std::optional<std::string> HttpAnswer::find(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [field, value] : fields) {
    if (!equal_ignoring_case(field, name)) continue;
    found = found ? *found + ", " + value : value;
  }
  return found;
}

HttpAnswerReader::HttpAnswerReader() : parser_(std::make_unique<Parser>()) {}
HttpAnswerReader::~HttpAnswerReader() = default;

HttpAnswerReader::State HttpAnswerReader::read(std::string_view bytes) {
  rest_.append(bytes);
  for (;;) {
    const State state = parse();
    if (state != State::complete || answer_.status == 101 || answer_.status >= 200) return state;
    parser_ = std::make_unique<Parser>();  // an interim answer
    if (rest_.empty()) return State::need_more;
  }
}

HttpAnswerReader::State HttpAnswerReader::parse() {
  auto& response = parser_->response;
  boost::system::error_code error;
  const std::size_t used = response.put(boost::asio::buffer(rest_), error);
  if (error == http::error::need_more) {
    if (rest_.size() - used > kAnswerHeadBytesMax) {
      what_ = "the head of its answer is too long";
      return State::malformed;
    }
    rest_.erase(0, used);
    return State::need_more;
  }
  if (error) {
    what_ = error == http::error::header_limit ? "the head of its answer is too long"
                                               : "its answer is no HTTP: " + error.message();
    return State::malformed;
  }
  rest_.erase(0, used);
  answer_ = {};
  answer_.status = static_cast<int>(response.get().result_int());
  for (const auto& field : response.get()) {
    answer_.fields.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  return State::complete;
}

}  // namespace usher::wire
