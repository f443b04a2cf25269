#include "apps/demo/gateway.h"

#include "auth/jwt_signer.h"
#include "auth/key.h"
#include "base/system.h"

namespace usher::apps {
namespace {

node::DevSecrets make_secrets() {
  SystemEntropy entropy;
  return {.jwt_secret = to_hex(entropy.bytes<32>()), .api_key = to_hex(entropy.bytes<16>())};
}

config::Config demo_config(const std::string& listen) {
  config::Config config;
  config.dev = true;
  config.server.listen = {listen};
  config.server.threads = 1;
  config.admin.listen = "";
  config.guest.enabled = true;
  config.client.allowed_origins = std::vector<std::string>{};
  config.limits.connections = 100;
  return config;
}

std::string sign(const std::string& secret, const std::string& session) {
  const std::int64_t now = unix_seconds(SystemWallClock().now());
  auth::JwtPayload payload;
  if (!session.empty()) payload.set("sessionId", session);
  payload.set_number("iat", now).set_number("exp", now + 3600);
  return auth::JwtSigner(auth::secret_key(secret)).sign(payload);
}

}  // namespace

DemoGateway::DemoGateway() : secrets_(make_secrets()) { start("127.0.0.1:0"); }

DemoGateway::~DemoGateway() = default;

std::string DemoGateway::token(const std::string& session) const {
  return sign(secrets_.jwt_secret, session);
}

std::string DemoGateway::forged_token() const {
  return sign(make_secrets().jwt_secret, "sess_forged");
}

void DemoGateway::stop() { node_.reset(); }

void DemoGateway::start_again() { start(address_); }

void DemoGateway::start(const std::string& listen) {
  node_ = std::make_unique<node::Node>(demo_config(listen), secrets_, log_, nullptr);
  address_ = node_->addresses().clients.front();
  node_->start();
}

}  // namespace usher::apps
