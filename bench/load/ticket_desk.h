// Tokens and tickets for the clients of a run, over a few keep-alive connections.
//
// Threads: its loop's.  Borrows: the loop, the target.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/http_line.h"
#include "bench/load/share.h"
#include "bench/load/target.h"
#include "wire/json.h"

namespace usher::bench {

class TicketDesk {
 public:
  // `status` 200: `text` is the ticket or the token. Otherwise the server's status, or 0 if there
  // was no answer.
  using Done = std::function<void(int status, std::string_view text, const HttpAnswer& answer)>;

  // At most `lines` calls are under way at a time; the others wait.
  TicketDesk(Loop& loop, const Target& target, std::size_t lines);

  // Asks for a ticket for the `index`th client. Requires: its token is prepared.
  void ask(std::size_t index, Done done) { ask(index, target_.subscriptions, std::move(done)); }
  void ask(std::size_t index, std::string_view wish, Done done);

  // Returns the whole request for that client's ticket, for callers with lines of their own.
  std::string ticket_request(std::size_t index) const;

  // Prepares a token for each of these clients: signs it, or fetches a guest's. Turns the loop. May
  // be called again for more clients that begin with the same first one. Returns false on failure;
  // `problem` then says why.
  bool prepare_tokens(Share clients, std::string& problem);

 private:
  struct Call {
    std::string request;
    std::string_view member;  // of the answer
    Done done;
  };

  void start(Call call);
  void start_waiting();
  const std::string& token_of(std::size_t index) const { return tokens_[index - first_]; }
  std::string request_to(std::string_view call, std::string_view token,
                         std::string_view body) const;

  Loop& loop_;
  const Target& target_;
  std::vector<std::unique_ptr<HttpLine>> lines_;
  std::vector<HttpLine*> free_;
  std::deque<Call> waiting_;
  std::size_t first_ = 0;
  std::vector<std::string> tokens_;  // of the client `first_` and the following ones
  wire::JsonReader json_;
};

// Returns a whole request: "POST call HTTP/1.1 …".
std::string make_post(const Target& target, std::string_view path, std::string_view fields,
                      std::string_view body);

}  // namespace usher::bench
