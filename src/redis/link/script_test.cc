#include <gtest/gtest.h>

#include "redis/link/commands.h"

namespace usher::redis {
namespace {

TEST(Script, IsNamedByItsSha1) {
  EXPECT_EQ(Script("return 1").sha1(), "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
}

}  // namespace
}  // namespace usher::redis
