#include "redis/link/trust.h"

#include <gtest/gtest.h>

#include <boost/asio/ssl/context.hpp>

namespace usher::redis {
namespace {

std::string complaint(const TrustOptions& options) {
  try {
    make_trust(options);
    return {};
  } catch (const TrustError& error) {
    return error.what();
  }
}

TEST(RedisTrust, TheSystemsAuthoritiesAreEnough) { EXPECT_NE(make_trust({}), nullptr); }

TEST(RedisTrust, AFileThatCantBeUsedIsNamedWithItsKey) {
  EXPECT_TRUE(complaint({.ca_file = "/nowhere/ca.pem"})
                  .starts_with("tls.ca_file: can't use /nowhere/ca.pem: "));
  EXPECT_TRUE(complaint({.certificate_file = "/nowhere/c.pem", .key_file = "/nowhere/k.pem"})
                  .starts_with("redis.certificate_file: can't use /nowhere/c.pem: "));
}

}  // namespace
}  // namespace usher::redis
