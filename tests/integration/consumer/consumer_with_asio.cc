// The client on the user's own, header-only Asio loop.
#include <usher/client.h>

#include <iostream>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

int main() {
  boost::asio::io_context io;
  std::unique_ptr<usher::Client> client;
  bool tried = false;
  usher::ClientOptions options{.url = "https://127.0.0.1:1",
                               .token_source = usher::TokenSource::fixed("token")};
  options.on_status = [&](usher::ClientStatus status) {
    std::cout << usher::to_string(status) << "\n";
    tried = status == usher::ClientStatus::reconnecting;
    if (tried) client.reset();
  };
  client = std::make_unique<usher::Client>(options, io.get_executor());
  client->connect();
  boost::asio::steady_timer limit(io, std::chrono::seconds(20));
  limit.async_wait([&](const boost::system::error_code&) { client.reset(); });
  while (client && io.run_one() > 0) {
  }
  limit.cancel();
  io.run();
  return tried ? 0 : 1;
}
