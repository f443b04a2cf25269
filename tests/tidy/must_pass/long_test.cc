// path: src/hub/hub_test.cc
TEST(Hub, Joins) {
  EXPECT_EQ(1, 1);
  EXPECT_EQ(1, 1);
  EXPECT_EQ(1, 1);
  EXPECT_EQ(1, 1);
  EXPECT_EQ(1, 1);
  EXPECT_EQ(1, 1);
}
