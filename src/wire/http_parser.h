// Reads requests from the bytes of a connection (RFC 9112), one after the other.
//
//     switch (parser.parse(buffer)) {
//       case HttpParser::State::need_more: …read on…
//       case HttpParser::State::complete:  …parser.request()…; buffer.erase(0, parser.consumed());
//       case HttpParser::State::refused:   …answer status_of(parser.refusal()) and close…
//     }
//
// http_rules.h checks each head first. Boost.Beast's parser then reads it, and http_chunks.h reads
// chunked bodies. Each byte is examined once, however slowly the request arrives.
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

// Returns how long a body this request may have, or nullopt if the head alone is reason to refuse
// the request; then no body is read. `head` has no body yet, and is valid during the call only.
// Called once for each request whose head has passed the checks.
using BodyBytesMax = std::function<std::optional<std::size_t>(const HttpRequest& head)>;

class HttpParser {
 public:
  enum class State : std::uint8_t { need_more, complete, refused };

  explicit HttpParser(BodyBytesMax body_bytes_max, std::size_t head_bytes_max = kHttpHeadBytesMax);
  ~HttpParser();
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  // `bytes`: all bytes received and not consumed yet, from the first byte of a request. Until the
  // request is complete, each call must pass the same bytes again, followed by the new ones; they
  // may have moved. After `complete` the next call begins a new request. After `refused` the caller
  // must not call parse() again.
  State parse(std::string_view bytes);

  // After `complete`. The request is valid until the next parse(), and until those bytes change. A
  // chunked body lies in the parser.
  const HttpRequest& request() const;
  std::size_t consumed() const;  // where the next request begins

  // After `refused`. With body_too_large, body_unwanted, or malformed_chunk, request() is the head
  // alone.
  HttpRefusal refusal() const;

  // After `need_more`: returns true if the head has arrived and passed the checks, so that the
  // deadline that is running is the body's.
  bool in_body() const;

  // After `need_more`: returns true if the peer waits for `100 Continue` before it sends the body.
  // Returns true once for each request.
  bool take_expects_continue();

  // Returns the bytes that the parser holds of a chunked body.
  std::size_t held_bytes() const;

  // After `complete`: releases the request and its memory.
  void forget_request();

 private:
  struct Parsing;
  std::unique_ptr<Parsing> parsing_;
};

}  // namespace usher::wire
