// One keep-alive HTTP connection: a request, its answer, the next request.
//
// It takes what servers answer small calls with: a status line and a body of a told length. Opened
// by its first request, and again when the server has ended it in between.
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
  int status = 0;         // 0: none came; `body` says why
  std::string_view head;  // status line and fields
  std::string_view body;
};

// The answer at the front of `bytes`, and its length; nothing while it is incomplete. A status of
// 0: it is none that this reads, and the body says why.
struct ReadAnswer {
  HttpAnswer answer;
  std::size_t bytes = 0;
};
std::optional<ReadAnswer> read_http_answer(std::string_view bytes);

class HttpLine final : private Stream::Listener {
 public:
  static constexpr std::size_t kAnswerBytesMax = 1 << 20;

  // The answer's views are good during the call.
  using Done = std::function<void(const HttpAnswer&)>;

  HttpLine(Loop& loop, const Address& address, std::size_t index)
      : stream_(loop, *this), address_(address), index_(index) {}

  bool is_free() const { return !done_; }

  // Requires is_free(). `request` is all of it, head and body.
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
