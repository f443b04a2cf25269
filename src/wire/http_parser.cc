#include "wire/http_parser.h"

#include <boost/beast/http/basic_parser.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"

namespace usher::wire {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

// A stretch of the request's bytes, which may move between two calls.
struct Piece {
  std::size_t at = 0;
  std::size_t size = 0;

  std::string_view in(std::string_view bytes) const { return bytes.substr(at, size); }
};

// Beast's parser, told to note down what it finds. It reads the head, and the chunks of a body.
class BeastReader final : public http::basic_parser<true> {
 public:
  explicit BeastReader(std::string& body) : body_(body) {
    header_limit(static_cast<std::uint32_t>(kHttpHeadBytesMax));
    body_limit(boost::none);  // http_rules.h read the length, HttpParser holds it against the limit
  }

  bool read_head(std::string_view head) {
    base_ = head.data();
    error_code error;
    put({head.data(), head.size()}, error);
    base_ = nullptr;
    return !error && is_header_done();
  }

  Piece method;
  Piece target;
  int minor_version = 1;
  std::vector<std::pair<Piece, Piece>> fields;

 private:
  Piece piece(BeastView view) const {
    return {static_cast<std::size_t>(view.data() - base_), view.size()};
  }

  void on_request_impl(http::verb, BeastView method_text, BeastView target_text, int version,
                       error_code&) override {
    method = piece(method_text);
    target = piece(target_text);
    minor_version = version % 10;
  }
  void on_field_impl(http::field, BeastView name, BeastView value, error_code& error) override {
    if (base_ == nullptr) {
      error = http::error::bad_field;  // a trailer
      return;
    }
    fields.emplace_back(piece(name), value.empty() ? Piece() : piece(value));
  }
  void on_response_impl(int, BeastView, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastView, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView piece_of_body, error_code&) override {
    body_.append(piece_of_body.data(), piece_of_body.size());
    return piece_of_body.size();
  }
  void on_finish_impl(error_code&) override {}

  const char* base_ = nullptr;  // where the head lies, while it is read
  std::string& body_;
};

}  // namespace

struct HttpParser::Parsing {
  enum class Phase : std::uint8_t { head, body, chunks, complete, refused };

  BodyBytesMax body_bytes_max;
  Phase phase = Phase::head;
  HeadScanner scanner;
  std::optional<BeastReader> reader;
  HttpFraming framing;
  std::size_t head_size = 0;
  std::size_t consumed = 0;  // while in chunks: what Beast has done with
  std::string body;          // of chunks
  bool continue_wanted = false;
  HttpRefusal refusal{};
  HttpRequest request;

  void begin();
  void parse_head(std::string_view bytes);
  void parse_chunks(std::string_view bytes);
  void fill_request(std::string_view bytes);
  void refuse(HttpRefusal why) {
    phase = Phase::refused;
    refusal = why;
  }
};

void HttpParser::Parsing::begin() {
  phase = Phase::head;
  scanner = {};
  reader.reset();
  body.clear();
  request = {};
}

void HttpParser::Parsing::parse_head(std::string_view bytes) {
  const auto size = scanner.scan(bytes);
  if (!size) return refuse(size.error());
  if (!*size) return;
  head_size = consumed = **size;

  const auto checked = check_head(bytes.substr(0, head_size));
  if (!checked) return refuse(checked.error());
  framing = *checked;
  reader.emplace(body);
  if (!reader->read_head(bytes.substr(0, head_size))) {
    reader.reset();
    return refuse(HttpRefusal::malformed_field);
  }

  fill_request(bytes);
  const std::size_t limit = body_bytes_max(request);
  if (framing.content_length > limit) return refuse(HttpRefusal::body_too_large);
  reader->body_limit(limit);
  reader->eager(true);
  continue_wanted = framing.expects_continue;
  phase = framing.chunked ? Phase::chunks : Phase::body;
}

void HttpParser::Parsing::parse_chunks(std::string_view bytes) {
  error_code error;
  const std::string_view news = bytes.substr(consumed);
  consumed += reader->put({news.data(), news.size()}, error);
  if (error && error != http::error::need_more) {
    return refuse(error == http::error::body_limit ? HttpRefusal::body_too_large
                                                   : HttpRefusal::malformed_chunk);
  }
  const std::size_t seen = reader->is_done() ? consumed : bytes.size();
  if (seen - head_size - body.size() > kChunkOverheadBytesMax) {
    return refuse(HttpRefusal::malformed_chunk);
  }
  if (reader->is_done()) phase = Phase::complete;
}

void HttpParser::Parsing::fill_request(std::string_view bytes) {
  request.method = reader->method.in(bytes);
  request.target = reader->target.in(bytes);
  request.minor_version = reader->minor_version;
  request.keep_alive = reader->keep_alive();
  request.fields.clear();
  for (const auto& [name, value] : reader->fields) {
    request.fields.push_back({name.in(bytes), value.in(bytes)});
  }
  request.body = {};
}

HttpParser::HttpParser(BodyBytesMax body_bytes_max) : parsing_(std::make_unique<Parsing>()) {
  parsing_->body_bytes_max = std::move(body_bytes_max);
}

HttpParser::~HttpParser() = default;

HttpParser::State HttpParser::parse(std::string_view bytes) {
  using Phase = Parsing::Phase;
  Parsing& p = *parsing_;
  USHER_CHECK(p.phase != Phase::refused);
  if (p.phase == Phase::complete) p.begin();

  if (p.phase == Phase::head) p.parse_head(bytes);
  if (p.phase == Phase::body && bytes.size() - p.head_size >= p.framing.content_length) {
    p.consumed = p.head_size + static_cast<std::size_t>(p.framing.content_length);
    p.phase = Phase::complete;
  }
  if (p.phase == Phase::chunks) p.parse_chunks(bytes);
  if (p.phase == Phase::body || p.phase == Phase::chunks) {
    if (bytes.size() > p.head_size) p.continue_wanted = false;
    return State::need_more;
  }
  if (p.phase == Phase::head) return State::need_more;

  if (p.reader) p.fill_request(bytes);
  if (p.phase == Phase::refused) return State::refused;
  p.request.body = p.framing.chunked ? std::string_view(p.body)
                                     : bytes.substr(p.head_size, p.consumed - p.head_size);
  return State::complete;
}

const HttpRequest& HttpParser::request() const { return parsing_->request; }

std::size_t HttpParser::consumed() const { return parsing_->consumed; }

HttpRefusal HttpParser::refusal() const { return parsing_->refusal; }

bool HttpParser::in_body() const {
  return parsing_->phase == Parsing::Phase::body || parsing_->phase == Parsing::Phase::chunks;
}

bool HttpParser::take_expects_continue() {
  return in_body() && std::exchange(parsing_->continue_wanted, false);
}

}  // namespace usher::wire
