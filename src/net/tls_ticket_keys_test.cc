#include "net/tls_ticket_keys.h"

#include <gtest/gtest.h>

#include <string>

#include "support/manual_clock.h"
#include "support/seeded_entropy.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

class TlsTicketKeysTest : public testing::Test {
 protected:
  static std::string name_of(const TlsTicketKey& key) {
    return {reinterpret_cast<const char*>(key.name.data()), key.name.size()};
  }
  static TlsTicketKey file_key(char letter) {
    return *TlsTicketKey::parse(std::string(TlsTicketKey::kBytes, letter));
  }
  std::string sealing() { return name_of(keys.sealing()); }

  test::ManualClock clock;
  test::SeededEntropy entropy;
  TlsTicketKeys keys{clock, entropy};
};

TEST_F(TlsTicketKeysTest, AFileHasEightyBytesInNginxsOrder) {
  const std::string file = std::string(16, 'n') + std::string(32, 'h') + std::string(32, 'a');
  const auto key = TlsTicketKey::parse(file);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->name[15], std::byte{'n'});
  EXPECT_EQ(key->hmac[0], std::byte{'h'});
  EXPECT_EQ(key->aes[31], std::byte{'a'});
  for (const std::size_t wrong : {0, 48, 79, 81}) {
    EXPECT_FALSE(TlsTicketKey::parse(std::string(wrong, 'x')));
  }
}

TEST_F(TlsTicketKeysTest, TheFirstOfFilesSealsAndAllOpen) {
  keys.use_files({file_key('a'), file_key('b')});
  EXPECT_EQ(sealing(), std::string(16, 'a'));
  EXPECT_TRUE(keys.opening(std::string(16, 'a'))->is_sealing);
  EXPECT_FALSE(keys.opening(std::string(16, 'b'))->is_sealing) << "its client gets a new ticket";
  EXPECT_FALSE(keys.opening(std::string(16, 'c')));
  keys.use_files({file_key('c'), file_key('a')});
  EXPECT_EQ(sealing(), std::string(16, 'c'));
  EXPECT_TRUE(keys.opening(std::string(16, 'a')));
  EXPECT_FALSE(keys.opening(std::string(16, 'b'))) << "taken out";
}

TEST_F(TlsTicketKeysTest, AKeyOfOurOwnLastsTwelveHoursAndOpensForAnotherTwelve) {
  const std::string first = sealing();
  clock.advance(12h - 1s);
  EXPECT_EQ(sealing(), first);
  clock.advance(1s);
  const std::string second = sealing();
  EXPECT_NE(second, first);
  ASSERT_TRUE(keys.opening(first));
  EXPECT_FALSE(keys.opening(first)->is_sealing);
  clock.advance(12h);
  EXPECT_FALSE(keys.opening(first));
  EXPECT_TRUE(keys.opening(second));
}

TEST_F(TlsTicketKeysTest, AfterALongQuietOldTicketsOpenNothing) {
  const std::string first = sealing();
  clock.advance(24h);
  EXPECT_FALSE(keys.opening(first));
}

TEST_F(TlsTicketKeysTest, AReloadWithoutFilesKeepsTheOwnKey) {
  const std::string own = sealing();
  keys.use_files({});
  EXPECT_EQ(sealing(), own);
}

}  // namespace
}  // namespace usher::net
