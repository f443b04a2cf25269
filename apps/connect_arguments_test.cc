#include "apps/connect_arguments.h"

#include <gtest/gtest.h>

namespace usher::apps {
namespace {

std::string mistake(std::vector<std::string> subprotocols, std::string prefix = "") {
  ConnectArguments arguments;
  arguments.subprotocols = std::move(subprotocols);
  arguments.prefix = std::move(prefix);
  return mistake_in(arguments);
}

TEST(ConnectArgumentsTest, SubprotocolsAreWordsAndNotTheGateways) {
  EXPECT_EQ(mistake({"chat.v1", "graphql-transport-ws", "v12.stomp"}), "");
  for (const char* word :
       {"", "a b", "a,b", "a\r\nX: y", "\xC3\xA9", "usher.refused", "usher.ticket.0"})
    EXPECT_NE(mistake({word}), "") << word;
  EXPECT_NE(mistake({"a", "a"}), "");
}

TEST(ConnectArgumentsTest, APrefixIsAPath) {
  EXPECT_EQ(mistake({}, "/rt"), "");
  EXPECT_NE(mistake({}, "rt"), "");
}

}  // namespace
}  // namespace usher::apps
