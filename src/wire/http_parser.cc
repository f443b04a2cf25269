#include "wire/http_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "wire/http_chunks.h"

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

// Beast's parser, told to note down what it finds in a head.
class HeadReader final : public http::basic_parser<true> {
 public:
  explicit HeadReader(std::size_t head_bytes_max) {
    header_limit(static_cast<std::uint32_t>(head_bytes_max));
    body_limit(boost::none);  // the length was read by http_rules.h
  }

  // `later`: a later minor version, which means what HTTP/1.1 does (RFC 9110 section 2.5). Beast
  // refuses it, so it is shown 1.1.
  bool read(std::string_view head, bool later) {
    std::string shown;
    if (later) {
      shown = head;
      shown[shown.find("\r\n") - 1] = '1';
      head = shown;
    }
    base_ = head.data();
    error_code error;
    put({head.data(), head.size()}, error);
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
    minor_version = version % 10;  // 0 or 1
  }
  void on_field_impl(http::field, BeastView name, BeastView value, error_code&) override {
    fields.emplace_back(piece(name), value.empty() ? Piece() : piece(value));
  }
  void on_response_impl(int, BeastView, int, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BeastView, error_code&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  const char* base_ = nullptr;
};

bool is_host_field(const HttpField& field) {
  constexpr std::string_view kHost = "host";
  return std::equal(field.name.begin(), field.name.end(), kHost.begin(), kHost.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

}  // namespace

struct HttpParser::Parsing {
  enum class Phase : std::uint8_t { head, body, complete, refused };

  BodyBytesMax body_bytes_max;
  std::size_t head_bytes_max = 0;
  Phase phase = Phase::head;
  HeadScanner scanner;
  std::optional<HeadReader> head;
  HttpFraming framing;
  std::size_t head_size = 0;
  std::size_t consumed = 0;
  std::optional<ChunkReader> chunks;
  bool continue_wanted = false;
  HttpRefusal refusal{};
  HttpRequest request;

  void begin();
  void parse_head(std::string_view bytes);
  void parse_body(std::string_view bytes);
  void fill_request(std::string_view bytes);
  void name_host(std::string_view authority);
  void refuse(HttpRefusal why) {
    phase = Phase::refused;
    refusal = why;
  }
};

void HttpParser::Parsing::begin() {
  phase = Phase::head;
  scanner = HeadScanner(head_bytes_max);
  head.reset();
  chunks.reset();
  request = {};
}

void HttpParser::Parsing::parse_head(std::string_view bytes) {
  const auto size = scanner.scan(bytes);
  if (!size) return refuse(size.error());
  if (!*size) return;
  head_size = **size;

  const std::string_view text = bytes.substr(scanner.begin(), head_size - scanner.begin());
  const auto checked = check_head(text);
  if (!checked) return refuse(checked.error());
  framing = *checked;
  head.emplace(head_bytes_max);
  if (!head->read(text, framing.minor_version > 1)) {
    head.reset();
    return refuse(HttpRefusal::malformed_field);
  }
  fill_request(bytes);
  const auto limit = body_bytes_max(request);
  const bool has_body = framing.chunked || framing.content_length > 0;
  if (!limit && has_body) return refuse(HttpRefusal::body_unwanted);
  if (framing.content_length > limit.value_or(0)) return refuse(HttpRefusal::body_too_large);
  if (framing.chunked) chunks.emplace(*limit);
  continue_wanted = framing.expects_continue;
  phase = Phase::body;
}

void HttpParser::Parsing::parse_body(std::string_view bytes) {
  const std::string_view rest = bytes.substr(head_size);
  if (!rest.empty()) continue_wanted = false;
  if (!chunks) {
    if (rest.size() < framing.content_length) return;
    consumed = head_size + static_cast<std::size_t>(framing.content_length);
    phase = Phase::complete;
    return;
  }
  switch (chunks->read(rest)) {
    case ChunkReader::State::need_more:
      return;
    case ChunkReader::State::malformed:
      return refuse(HttpRefusal::malformed_chunk);
    case ChunkReader::State::too_large:
      return refuse(HttpRefusal::body_too_large);
    case ChunkReader::State::complete:
      consumed = head_size + chunks->consumed();
      phase = Phase::complete;
  }
}

void HttpParser::Parsing::fill_request(std::string_view bytes) {
  bytes.remove_prefix(scanner.begin());
  request.method = head->method.in(bytes);
  const auto target = split_target(request.method, head->target.in(bytes));
  USHER_CHECK(target.has_value());  // check_head() has let it pass
  request.target = target->local;
  request.minor_version = head->minor_version;
  request.keep_alive = head->keep_alive();
  request.fields.clear();
  for (const auto& [name, value] : head->fields) {
    request.fields.push_back({name.in(bytes), value.in(bytes)});
  }
  request.body = {};
  if (!target->authority.empty()) name_host(target->authority);
}

void HttpParser::Parsing::name_host(std::string_view authority) {
  for (HttpField& field : request.fields) {
    if (is_host_field(field)) {
      field.value = authority;
      return;
    }
  }
  request.fields.push_back({"Host", authority});
}

HttpParser::HttpParser(BodyBytesMax body_bytes_max, std::size_t head_bytes_max)
    : parsing_(std::make_unique<Parsing>()) {
  parsing_->body_bytes_max = std::move(body_bytes_max);
  parsing_->head_bytes_max = head_bytes_max;
  parsing_->begin();
}

HttpParser::~HttpParser() = default;

HttpParser::State HttpParser::parse(std::string_view bytes) {
  using Phase = Parsing::Phase;
  Parsing& p = *parsing_;
  USHER_INVARIANT(p.phase != Phase::refused);
  if (p.phase == Phase::complete) p.begin();

  if (p.phase == Phase::head) p.parse_head(bytes);
  if (p.phase == Phase::body) p.parse_body(bytes);
  if (p.phase == Phase::head || p.phase == Phase::body) return State::need_more;

  if (p.head) p.fill_request(bytes);
  if (p.phase == Phase::refused) return State::refused;
  p.request.body = p.chunks ? std::string_view(p.chunks->body())
                            : bytes.substr(p.head_size, p.consumed - p.head_size);
  return State::complete;
}

const HttpRequest& HttpParser::request() const { return parsing_->request; }

std::size_t HttpParser::consumed() const { return parsing_->consumed; }

HttpRefusal HttpParser::refusal() const { return parsing_->refusal; }

std::size_t HttpParser::held_bytes() const {
  return parsing_->chunks ? parsing_->chunks->body().capacity() : 0;
}

void HttpParser::forget_request() {
  if (parsing_->phase == Parsing::Phase::complete) parsing_->begin();
}

bool HttpParser::in_body() const { return parsing_->phase == Parsing::Phase::body; }

bool HttpParser::take_expects_continue() {
  return in_body() && std::exchange(parsing_->continue_wanted, false);
}

}  // namespace usher::wire
