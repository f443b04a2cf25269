#include "apps/demo/client.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>

#include "http_client/tls_trust.h"

namespace usher::apps {
namespace {

constexpr std::size_t kMessageBytesMax = 1 << 20;
constexpr auto kTurn = std::chrono::milliseconds(20);
constexpr auto kFarewell = std::chrono::seconds(1);

}  // namespace

DemoClient::DemoClient(const DemoClientOptions& options)
    : io_(std::make_unique<boost::asio::io_context>(1)) {
  client_net::ConnectionOptions connection{.url = options.url,
                                           .origin = {},
                                           .message_bytes_max = kMessageBytesMax,
                                           .trust = http_client::make_tls_trust(""),
                                           .guest_file = {},
                                           .faults = options.faults};
  client_net::Listeners listeners{.log =
                                      [this](const client::LogLine& line) {
                                        const std::chrono::duration<double, std::milli> since =
                                            clock_.now() - connected_at_;
                                        lines_.push_back({since.count(), line.text});
                                      },
                                  .status = [](client::Status) {},
                                  .event = [](const client::Event&) {},
                                  .detail = [](const std::string&) {}};
  connection_ = client_net::ClientConnection::make(
      io_->get_executor(), std::move(connection), std::move(listeners),
      std::make_unique<client_net::FixedTokenProvider>(options.token));
}

DemoClient::~DemoClient() {
  connection_->shut_down();
  io_->restart();
  io_->run_for(kFarewell);
}

void DemoClient::connect() {
  connected_at_ = clock_.now();
  connection_->call(client::Connect{});
}

bool DemoClient::run_until(const std::function<bool()>& done, Duration limit) {
  const TimePoint deadline = clock_.now() + limit;
  while (!done()) {
    if (clock_.now() >= deadline) return false;
    io_->restart();
    io_->run_one_for(kTurn);
  }
  return true;
}

}  // namespace usher::apps
