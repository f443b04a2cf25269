#include "api/revoker.h"

#include <gtest/gtest.h>

namespace usher::api {
namespace {

TEST(Revoker, WhoIsRevokedIsClosedWith3520AndNobodyElse) {
  const auto session = disconnect_revoked(auth::RevokedBy::session, "s1", 7);
  EXPECT_EQ(session.code, 3520);
  EXPECT_EQ(session.reason, "SESSION_REVOKED");
  EXPECT_EQ(session.target.session, "s1");
  EXPECT_EQ(session.target.user + session.target.jti, "");
  EXPECT_EQ(session.target.issued_until, std::nullopt);
  const auto user = disconnect_revoked(auth::RevokedBy::user, "u", 7);
  EXPECT_EQ(user.target.user, "u");
  EXPECT_EQ(user.target.issued_until, 7) << "one who has logged in again is not meant";
  EXPECT_EQ(disconnect_revoked(auth::RevokedBy::jti, "j", 7).target.jti, "j");
  EXPECT_EQ(disconnect_revoked(auth::RevokedBy::sid, "idp\n1", 7).target.sid, "idp\n1");
}

}  // namespace
}  // namespace usher::api
