// A gateway of a few lines for the client's tests: Beast's own server side, on a port that the
// kernel chose. It answers as the test tells it, which a real gateway would not.
// fake_gateway.cc implements it; test programs that use it compile that.
//
// Threads: its own; what the test sets must be set before start().
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

// What a connection does once it is upgraded: sends, then closes with `close_code`; 0: reads on.
struct SocketScript {
  std::vector<std::string> send;
  int close_code = 0;
  std::string close_reason = {};
};

class FakeGateway {
 public:
  FakeGateway();
  ~FakeGateway();

  // All are called on the gateway's thread.
  std::function<FakeAnswer(const FakeRequest&)> on_http;
  std::function<SocketScript(const FakeRequest&)> on_upgrade;
  std::function<void(std::string)> on_text = [](const std::string&) {
  };  // and `closed CODE` at the end

  // TLS with this certificate. The name that a client asked for by SNI comes as the field `sni` of
  // its requests.
  void use_tls(const TestCertificate& certificate);

  FakeGateway& start();
  std::string url(const std::string& host = "127.0.0.1") const;
  std::vector<FakeRequest> requests() const;

 private:
  struct Server;
  std::unique_ptr<Server> server_;
};

}  // namespace usher::test
