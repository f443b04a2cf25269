#include "gateway/revoker.h"

#include <gtest/gtest.h>

namespace usher::gateway {
namespace {

TEST(Revoker, WhoIsRevokedIsClosedWith3520AndNobodyElse) {
  const auto session = disconnect_revoked(auth::RevokedBy::session, "s1");
  EXPECT_EQ(session.code, 3520);
  EXPECT_EQ(session.reason, "SESSION_REVOKED");
  EXPECT_EQ(session.target.session, "s1");
  EXPECT_EQ(session.target.user + session.target.jti, "");
  EXPECT_EQ(disconnect_revoked(auth::RevokedBy::user, "u").target.user, "u");
  EXPECT_EQ(disconnect_revoked(auth::RevokedBy::jti, "j").target.jti, "j");
}

}  // namespace
}  // namespace usher::gateway
