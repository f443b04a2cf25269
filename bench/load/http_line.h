// One keep-alive HTTP connection: a request, its answer, the next request.
//
// It reads the answers that servers give to small calls: a status line, and a body whose length is
// stated. The first request opens the connection; a later one opens it again if the server has
// closed it in between.
//
// Threads: its loop's.  Borrows: the loop, the address.  Limits: kAnswerBytesMax.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bench/load/stream.h"

namespace usher::bench {

struct HttpAnswer {
  int status = 0;         // 0: no answer; `body` says why
  std::string_view head;  // status line and fields
  std::string_view body;
};

// Returns the answer at the front of `bytes` and its length, or `nullopt` while it is incomplete.
// Status 0: the answer cannot be read, and `body` says why.
struct ReadAnswer {
  HttpAnswer answer;
  std::size_t bytes = 0;
};
std::optional<ReadAnswer> read_http_answer(std::string_view bytes);

class HttpLine final : private Stream::Listener {
 public:
  static constexpr std::size_t kAnswerBytesMax = 1 << 20;

  // The answer's views are valid during the call.
  using Done = std::function<void(const HttpAnswer&)>;

  HttpLine(Loop& loop, const Address& address, std::size_t index)
      : stream_(loop, *this), address_(address), index_(index) {}

  bool is_free() const { return !done_; }

  // Requires: is_free(). `request` is the whole request, head and body.
  void ask(std::string_view request, Done done);

  void close(bool reset = false) { stream_.close(reset); }

 private:
  void on_connected() override {}
  void on_bytes(std::span<char> bytes) override;
  void on_lost(std::string_view why) override;
  void finish(const HttpAnswer& answer);

  Stream stream_;
  const Address& address_;
  std::size_t index_;
  Done done_;
  std::string received_;
};

}  // namespace usher::bench
