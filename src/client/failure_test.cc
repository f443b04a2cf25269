#include "client/failure.h"

#include <gtest/gtest.h>

namespace usher::client {
namespace {

HttpVerdict verdict(int status, std::string code = "", bool refreshable = false) {
  return classify_http({.status = status, .code = std::move(code)}, refreshable);
}

TEST(FailureTest, NoAnswerIsSoft) { EXPECT_EQ(classify_http({}, true), HttpVerdict::soft); }

TEST(FailureTest, A401IsWorthOneFreshTokenAndThenHardWhateverItsCode) {
  for (const char* code : {"INVALID_TOKEN", "TOKEN_EXPIRED", "MISSING_AUTH", "SOMETHING_NEW", ""}) {
    EXPECT_EQ(verdict(401, code, true), HttpVerdict::refresh) << code;
    EXPECT_EQ(verdict(401, code, false), HttpVerdict::hard) << code;
  }
}

TEST(FailureTest, AFreshTokenCannotMendASession) {
  EXPECT_EQ(verdict(401, "MISSING_SESSION", true), HttpVerdict::hard);
  EXPECT_EQ(verdict(401, "SESSION_REVOKED", true), HttpVerdict::hard);
}

TEST(FailureTest, OnlyOurOwnWordsMakeARefusalHard) {
  EXPECT_EQ(verdict(403, "ORIGIN_BLOCKED"), HttpVerdict::hard);
  EXPECT_EQ(verdict(403), HttpVerdict::soft);
  EXPECT_EQ(verdict(404, "NOT_FOUND"), HttpVerdict::hard);
  EXPECT_EQ(verdict(404, "no_such_route"), HttpVerdict::soft);
  EXPECT_EQ(verdict(302), HttpVerdict::soft);
  EXPECT_EQ(verdict(300, "BAD_REQUEST"), HttpVerdict::hard);
  EXPECT_EQ(verdict(499, "BAD_REQUEST"), HttpVerdict::hard);
}

TEST(FailureTest, BusyServersAndMalformedAnswersAreSoftEvenInOurWords) {
  for (const int status : {200, 204, 299, 408, 425, 429, 500, 503, 599}) {
    EXPECT_EQ(verdict(status, "RATE_LIMITED"), HttpVerdict::soft) << status;
  }
}

TEST(ClassifyCloseTest, OnlyTheTicketWasAtFaultWhileConnectingWithAnOldOne) {
  EXPECT_EQ(classify_close(3100, "TICKET_EXPIRED", false, false), CloseVerdict::new_ticket);
  EXPECT_EQ(classify_close(1008, "NOT_AUTHORIZED", false, true), CloseVerdict::new_ticket);
  EXPECT_EQ(classify_close(1008, "NOT_AUTHORIZED", false, false), CloseVerdict::hard);
  EXPECT_EQ(classify_close(1008, "ORIGIN_BLOCKED", false, true), CloseVerdict::hard);
  EXPECT_EQ(classify_close(3500, "NOT_AUTHORIZED", false, true), CloseVerdict::hard);
}

TEST(ClassifyCloseTest, ALiveConnectionIsNotAboutItsTicket) {
  EXPECT_EQ(classify_close(3100, "", true, true), CloseVerdict::soft);
  EXPECT_EQ(classify_close(1008, "NOT_AUTHORIZED", true, true), CloseVerdict::hard);
  EXPECT_EQ(classify_close(1008, "a proxy's word", true, true), CloseVerdict::soft);
  EXPECT_EQ(classify_close(1006, "", true, false), CloseVerdict::soft);
}

TEST(LosesNodeTest, WhatEndsOneConnectionAloneIsNoLossOfANode) {
  for (const int code : {1000, 1001, 1005, 1006, 1012, 1013, 1014, 1015})
    EXPECT_TRUE(loses_node(static_cast<std::uint16_t>(code))) << code;
  for (const int code : {1002, 1007, 1008, 1011, 3005, 3008, 3012, 3100, 3999, 4000})
    EXPECT_FALSE(loses_node(static_cast<std::uint16_t>(code))) << code;
}

}  // namespace
}  // namespace usher::client
