// The smallest program that uses the client: there is no gateway, it says so, and tries again.
#include <usher/client.h>

#include <chrono>
#include <future>
#include <iostream>

int main() {
  std::promise<void> tried;
  usher::ClientOptions options{.url = "http://127.0.0.1:1",
                               .token_source = usher::TokenSource::fixed("token")};
  options.on_log = [&, told = false](usher::ClientLogLevel, const std::string& text) mutable {
    std::cout << text << "\n";
    if (!told && text == "[WS] Failed to connect NetworkError") {
      told = true;
      tried.set_value();
    }
  };
  usher::Client client(options);
  client.connect();
  return tried.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready ? 0 : 1;
}
