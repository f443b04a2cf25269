// Requests out of the bytes of a connection (RFC 9112), one after the other.
//
//     switch (parser.parse(buffer)) {
//       case HttpParser::State::need_more: …read on…
//       case HttpParser::State::complete:  …parser.request()…; buffer.erase(0, parser.consumed());
//       … case HttpParser::State::refused:   …answer status_of(parser.refusal()) and close…
//     }
//
// http_rules.h looks at each head first; Boost.Beast's parser reads what passed, and http_chunks.h
// takes chunked bodies apart. Each byte is looked at once, however thinly the request trickles in.
//
// Threads: belongs to one connection, for its HTTP phase only.
// Limits: those of http_rules.h and http_chunks.h, and BodyBytesMax.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "wire/http_message.h"
#include "wire/http_rules.h"

namespace usher::wire {

// How long a body this request may have. Nothing: the head alone is reason to refuse it, so none is
// read. `head` has no body yet, and is good during the call only. Called once for each request
// whose head has passed.
using BodyBytesMax = std::function<std::optional<std::size_t>(const HttpRequest& head)>;

class HttpParser {
 public:
  enum class State : std::uint8_t { need_more, complete, refused };

  explicit HttpParser(BodyBytesMax body_bytes_max, std::size_t head_bytes_max = kHttpHeadBytesMax);
  ~HttpParser();
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  // `bytes`: everything received and not consumed yet, from the first byte of a request. Until it
  // is complete, each call must be given the same bytes again, and what has come since behind them;
  // they may have moved. After `complete` the next call begins a new request; after `refused` there
  // is none.
  State parse(std::string_view bytes);

  // After `complete`: good until the next parse(), and until those bytes change. A chunked body
  // lies in the parser.
  const HttpRequest& request() const;
  std::size_t consumed() const;  // where the next request begins

  // After `refused`. With body_too_large, body_unwanted, or malformed_chunk, request() is the head
  // alone.
  HttpRefusal refusal() const;

  // After `need_more`: the head has come and passed, so the time that is running is the body's.
  bool in_body() const;

  // After `need_more`: the peer waits for `100 Continue` before it sends the body. True once for
  // each request.
  bool take_expects_continue();

  // Bytes that the parser keeps of a body that came in chunks.
  std::size_t held_bytes() const;

  // After `complete`: lets go of the request and of what it holds.
  void forget_request();

 private:
  struct Parsing;
  std::unique_ptr<Parsing> parsing_;
};

}  // namespace usher::wire
