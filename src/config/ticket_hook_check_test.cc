#include "config/ticket_hook_check.h"

#include <gtest/gtest.h>

#include "config/config_check.h"

namespace usher::config {
namespace {

using Strings = std::vector<std::string>;

class TicketHookCheckTest : public testing::Test {
 protected:
  TicketHookCheckTest() {
    config.client.allowed_origins = Strings{"https://app.example.com"};
    config.hooks.ticket_url = "https://backend.example/ticket";
    config.hooks.secret_file = {"/secret"};
    facts["/secret"] = {.readable = true, .secret_bytes = 32};
  }
  std::string only_error() const {
    const ConfigFindings all = check(config, facts);
    return all.errors.size() == 1 ? all.errors[0] : std::to_string(all.errors.size()) + " errors";
  }
  std::string only_warning() const {
    const ConfigFindings all = check(config, facts);
    return all.warnings.size() == 1 ? all.warnings[0]
                                    : std::to_string(all.warnings.size()) + " warnings";
  }

  Config config;
  FileFacts facts;
};

TEST_F(TicketHookCheckTest, NoKeyOfTokensIsNeededBesides) {
  EXPECT_EQ(check(config, facts).errors, Strings());
  EXPECT_EQ(check(config, facts).warnings, Strings());
  config.hooks.ticket_url.clear();
  EXPECT_NE(only_error().find("or hooks.ticket_url"), std::string::npos) << only_error();
}

TEST_F(TicketHookCheckTest, HeadersAreBoundedAndThoseThatMustNotGoAlongAreNamed) {
  config.hooks.ticket_headers = Strings(16, "X-Tenant");
  EXPECT_EQ(check(config, facts).errors, Strings());
  config.hooks.ticket_headers = Strings(17, "X-Tenant");
  EXPECT_NE(only_error().find("more than 16"), std::string::npos) << only_error();
  config.hooks.ticket_headers = {"X-Tenant", "X-Usher-User"};
  EXPECT_NE(only_error().find("hooks.ticket_headers: 'X-Usher-User' is what usher itself says"),
            std::string::npos)
      << only_error();
}

TEST_F(TicketHookCheckTest, WhatLetsOthersUseTheCookiesIsWarnedOf) {
  config.hooks.ticket_url = "http://backend.example/ticket";
  EXPECT_NE(only_warning().find("steal your users' cookies"), std::string::npos);
  config.hooks.ticket_url = "http://127.0.0.1:8000/ticket";
  EXPECT_EQ(check(config, facts).warnings, Strings());
  config.client.allowed_origins = Strings{"https://app.example.com", "null"};
  EXPECT_NE(only_warning().find("'null'"), std::string::npos) << only_warning();
}

}  // namespace
}  // namespace usher::config
