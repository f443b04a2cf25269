// The publisher of a fan-out: through the server API, over a WebSocket, or by plain HTTP.
//
// Messages of one turn of the loop that share a connection are sent together.
//
// Threads: its loop's.  Borrows: the setting, the options.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bench/load/client.h"
#include "bench/load/fanout_options.h"
#include "bench/load/modes.h"

namespace usher::bench {

class Publisher final : private Client::Listener {
 public:
  Publisher(const Setting& setting, const FanoutOptions& options)
      : desk_(setting.loop, setting.target, 1),
        setting_{setting.loop, setting.target, desk_, setting.numbers},
        options_(options),
        client_(setting_, *this) {}

  // Connects, if the way of publishing needs a connection, as a session of its own: the client
  // after the subscribers. Returns false on failure; failure() then says why.
  bool start();

  void publish(std::string message);

  // The failure of a publication that was refused, or of the connection; "" if none.
  const std::string& failure() const { return failure_; }

 private:
  static constexpr std::size_t kLinesMax = 64;

  void post(const std::string& message);
  void send(const std::string& message);
  void answered(HttpLine& line, const HttpAnswer& answer);
  std::string request_of(const std::string& message) const;

  void on_in(Client&, std::string_view) override { setting_.loop.progress(); }
  void on_message(Client& client, std::string_view payload) override;
  void on_out(Client& client, std::uint16_t code, std::string_view why) override;

  TicketDesk desk_;
  const Setting setting_;
  const FanoutOptions& options_;
  Client client_;
  std::vector<std::unique_ptr<HttpLine>> lines_;
  std::vector<HttpLine*> free_;
  std::deque<std::string> waiting_;  // for a free line
  std::size_t published_ = 0;
  bool flush_due_ = false;
  std::string failure_;
};

}  // namespace usher::bench
