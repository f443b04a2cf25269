// A link to a redis-server that belongs to the test.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "redis/link/link.h"
#include "support/print_result.h"
#include "support/redis_loop.h"

namespace usher::redis {

class LinkTest : public testing::Test {
 protected:
  Link& link(LinkOptions options = {}) { return link(test::destination(server().url()), options); }
  Link& link(Destination destination, LinkOptions options = {}) {
    link_ = std::make_unique<Link>(options, std::move(destination), loop.dependencies());
    link_->start();
    return *link_;
  }
  Link& up(LinkOptions options = {}) {
    link(options);
    EXPECT_TRUE(loop.run_until([&] { return link_->is_up(); }));
    return *link_;
  }
  test::RedisServer& server(std::vector<std::string> options = {}) {
    if (!server_) server_.emplace(std::move(options));
    return *server_;
  }
  Result<Reply, LinkError> call(Commands::Words words) {
    return loop.call(*link_, std::move(words));
  }
  std::string why_down() {
    EXPECT_TRUE(loop.run_until([&] { return loop.log.count("redis_down") > 0; }));
    for (const std::string& line : loop.log.lines) {
      if (line.starts_with("redis_down")) return line;
    }
    return {};
  }

  test::RedisLoop loop;
  std::optional<test::RedisServer> server_;
  std::unique_ptr<Link> link_;
};

}  // namespace usher::redis
