// A small gateway for the client's tests: Beast's server side, on a port that the kernel chose. It
// gives the answers that the test sets, also ones that a real gateway would not give. Test programs
// that use it must compile fake_gateway.cc.
//
// Threads: its own. The test must set the handlers and TLS before start().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/test_certificate.h"

namespace usher::test {

struct FakeRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> fields;  // names in lowercase
  std::string body;
};

struct FakeAnswer {
  int status = 200;
  std::string body;
  std::map<std::string, std::string> fields = {};
};

// The behaviour of a connection after the upgrade: it sends `send`, then closes with `close_code`.
// 0: it stays open and reads.
struct SocketScript {
  std::vector<std::string> send;
  int close_code = 0;
  std::string close_reason = {};
  std::string subprotocol = "usher.v1.json";  // the one that the 101 selects; empty: none
  bool binary = false;                        // of the messages in `send`
};

class FakeGateway {
 public:
  FakeGateway();
  ~FakeGateway();

  // All are called on the gateway's thread; on_text also with `binary DATA` for a binary message,
  // and with `closed CODE` at the end.
  std::function<FakeAnswer(const FakeRequest&)> on_http;
  std::function<SocketScript(const FakeRequest&)> on_upgrade;
  std::function<void(std::string)> on_text = [](const std::string&) {
    // Ignores the text unless the test sets another function.
  };

  // If not 0, an upgrade gets this status instead of a 101.
  int refuse_upgrades_with = 0;

  // Serves TLS with this certificate. The name that a client sends by SNI appears as the field
  // `sni` of its requests.
  void use_tls(const TestCertificate& certificate);

  FakeGateway& start();
  std::string url(const std::string& host = "127.0.0.1") const;
  std::vector<FakeRequest> requests() const;

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

}  // namespace usher::test
