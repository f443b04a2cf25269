#include "net/upstream_addresses.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/un.h>

#include <optional>

#include "support/manual_clock.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

class UpstreamAddressesTest : public testing::Test {
 protected:
  struct Answer {
    std::vector<std::string> addresses;
    std::string why;
  };

  UpstreamAddresses& addresses(const std::string& host, const std::string& unix_path = "") {
    return made.emplace(
        std::vector{UpstreamTarget{.host = host, .port = "8080", .unix_path = unix_path}}, nullptr,
        io, [this](Mailbox::Task task) { ++turns, task(); }, clock);
  }
  UpstreamAddresses::Done note(std::optional<Answer>& answer) {
    return [&answer](const std::vector<SocketAddress>& found, const std::string& why) {
      answer.emplace(Answer{.addresses = {}, .why = why});
      for (const SocketAddress& address : found) answer->addresses.push_back(address.text);
    };
  }
  // Runs the resolver to its answer.
  void run() {
    io.restart();
    io.run();
  }

  test::ManualClock clock;
  boost::asio::io_context io;
  std::optional<UpstreamAddresses> made;
  int turns = 0;
};

TEST_F(UpstreamAddressesTest, AnAddressIsKnownAtOnce) {
  std::optional<Answer> answer;
  addresses("127.0.0.1").resolve(0, note(answer));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->addresses, std::vector<std::string>{"127.0.0.1:8080"});
  addresses("::1").resolve(0, note(answer));
  EXPECT_EQ(answer->addresses, std::vector<std::string>{"[::1]:8080"});
  addresses("", "/run/app.sock").resolve(0, note(answer));
  EXPECT_EQ(answer->addresses, std::vector<std::string>{"unix:/run/app.sock"});
  EXPECT_EQ(turns, 0);
}

TEST_F(UpstreamAddressesTest, AnAddressIsReadyForConnect) {
  bool called = false;
  addresses("127.0.0.1")
      .resolve(0, [&](const std::vector<SocketAddress>& found, const std::string&) {
        called = true;
        const auto& where = reinterpret_cast<const sockaddr_in&>(found.at(0).storage);
        EXPECT_EQ(found[0].size, sizeof where);
        EXPECT_EQ(where.sin_family, AF_INET);
        EXPECT_EQ(ntohs(where.sin_port), 8080);
        EXPECT_EQ(ntohl(where.sin_addr.s_addr), INADDR_LOOPBACK);
      });
  EXPECT_TRUE(called);
}

TEST_F(UpstreamAddressesTest, AllThatAskForANameWaitForOneAnswerInOneTurn) {
  auto& names = addresses("localhost");
  std::optional<Answer> first, second;
  names.resolve(0, note(first));
  names.resolve(0, note(second));
  EXPECT_FALSE(first);
  run();
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(first->addresses.empty());
  EXPECT_EQ(first->addresses, second->addresses);
  EXPECT_EQ(turns, 1);
}

TEST_F(UpstreamAddressesTest, AnAnswerIsGoodForAWhileAndServesWhileTheNextIsAwaited) {
  auto& names = addresses("localhost");
  std::optional<Answer> answer;
  const auto is_answered_at_once = [&] {
    answer.reset();
    names.resolve(0, note(answer));
    return answer.has_value();
  };
  EXPECT_FALSE(is_answered_at_once());
  run();
  clock.advance(UpstreamAddresses::kFreshFor - 1ms);
  EXPECT_TRUE(is_answered_at_once());
  run();
  EXPECT_EQ(turns, 1) << "it was not asked again";
  clock.advance(1ms);
  EXPECT_TRUE(is_answered_at_once());
  EXPECT_TRUE(is_answered_at_once());
  run();
  EXPECT_EQ(turns, 2) << "it was asked again, once";
  clock.advance(UpstreamAddresses::kFreshFor + UpstreamAddresses::kServesOnFor - 1ms);
  EXPECT_TRUE(is_answered_at_once());
  clock.advance(1ms);
  EXPECT_FALSE(is_answered_at_once()) << "too old";
  run();
  EXPECT_TRUE(answer);
  EXPECT_EQ(turns, 3);
}

// While it lives, a name server cannot be asked, nor a file be read.
class NoDescriptors {
 public:
  NoDescriptors() {
    EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
    const rlimit none{0, before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  }
  ~NoDescriptors() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0); }

 private:
  rlimit before_{};
};

TEST_F(UpstreamAddressesTest, ErrorsDoNotMakeAnOldAnswerServeLonger) {
  auto& names = addresses("localhost");
  std::optional<Answer> answer;
  const auto ask = [&] {
    answer.reset();
    names.resolve(0, note(answer));
    const bool is_at_once = answer.has_value();
    run();
    return is_at_once;
  };
  ask();
  ASSERT_FALSE(answer->addresses.empty());
  const NoDescriptors none;
  const int steps =
      static_cast<int>((UpstreamAddresses::kFreshFor + UpstreamAddresses::kServesOnFor) / 5s);
  for (int step = 1; step < steps; ++step) {
    clock.advance(5s);
    EXPECT_TRUE(ask()) << step;
  }
  EXPECT_GT(turns, 2) << "it was asked, in vain";
  clock.advance(5s);
  EXPECT_FALSE(ask());
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->addresses.empty());
  EXPECT_TRUE(answer->why.starts_with("resolving the name localhost: ")) << answer->why;
}

// The resolver refuses a name that is too long without asking anybody.
TEST_F(UpstreamAddressesTest, ANameWithoutAnAddressIsSaidAndAskedAgain) {
  const std::string name(300, 'a');
  auto& names = addresses(name);
  for (int turn = 1; turn <= 2; ++turn) {
    std::optional<Answer> answer;
    names.resolve(0, note(answer));
    EXPECT_FALSE(answer);
    run();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->addresses.empty());
    EXPECT_TRUE(answer->why.starts_with("resolving the name " + name + ": ")) << answer->why;
    EXPECT_EQ(turns, turn);
  }
}

TEST_F(UpstreamAddressesTest, AnAddressThatNoListHoldsIsNotPreferred) {
  auto& names = addresses("127.0.0.1");
  SocketAddress other;
  other.text = "127.0.0.9:8080";
  names.prefer(0, other);
  std::optional<Answer> answer;
  names.resolve(0, note(answer));
  EXPECT_EQ(answer->addresses, std::vector<std::string>{"127.0.0.1:8080"});
}

}  // namespace
}  // namespace usher::net
