#include "hooks/hook_message.h"

#include <gtest/gtest.h>

namespace usher::hooks {
namespace {

using session::HookEvent;
using Kind = HookEvent::Kind;

HookEvent event(Kind kind) { return {.kind = kind, .client = "c1", .session = "s1", .user = ""}; }

HookMessage write(const HookEvent& event) {
  return write_hook_message(event, "n1", "00ff", WallTime(std::chrono::milliseconds(1500)));
}

std::string field(const HookMessage& message, std::string_view name) {
  for (const auto& [key, value] : message.fields) {
    if (key == name) return value;
  }
  return "(none)";
}

TEST(HookMessageTest, IsACloudEventInBinaryMode) {
  HookEvent rpc = event(Kind::rpc);
  rpc.name = "sum";
  rpc.data = "[1, 2]";
  const HookMessage message = write(rpc);
  EXPECT_EQ(field(message, "ce-specversion"), "1.0");
  EXPECT_EQ(field(message, "ce-id"), "00ff");
  EXPECT_EQ(field(message, "ce-source"), "/usher/n1");
  EXPECT_EQ(field(message, "ce-type"), "usher.rpc");
  EXPECT_EQ(field(message, "ce-time"), "1970-01-01T00:00:01.500Z");
  EXPECT_EQ(field(message, "ce-subject"), "sum");
  EXPECT_EQ(field(message, "Content-Type"), "application/json");
}

TEST(HookMessageTest, BodiesHaveAllTheirMembersWhateverTheirValue) {
  HookEvent rpc = event(Kind::rpc);
  rpc.name = "sum";
  EXPECT_EQ(write(rpc).body,
            R"({"client":"c1","session":"s1","user":"","method":"sum","data":null})");
  rpc.data = R"({"n":12345678901234567890123,"x":1.0})";
  EXPECT_EQ(write(rpc).body, R"({"client":"c1","session":"s1","user":"","method":"sum","data":)" +
                                 std::string(rpc.data) + "}");
  EXPECT_EQ(write(event(Kind::send)).body,
            R"({"client":"c1","session":"s1","user":"","data":null})");
  HookEvent publish = event(Kind::publish);
  publish.name = "chat:1";
  publish.data = "1";
  EXPECT_EQ(write(publish).body,
            R"({"client":"c1","session":"s1","user":"","channel":"chat:1","data":1})");
  EXPECT_EQ(write(event(Kind::connected)).body, R"({"client":"c1","session":"s1","user":""})");
  HookEvent subscribe = event(Kind::subscribe);
  subscribe.data = R"([{"channel":"orders:7","data":null}])";
  EXPECT_EQ(write(subscribe).body, R"({"client":"c1","session":"s1","user":"","channels":)"
                                   R"([{"channel":"orders:7","data":null}]})");
  HookEvent gone = event(Kind::disconnected);
  gone.code = 1006;
  EXPECT_EQ(write(gone).body,
            R"({"client":"c1","session":"s1","user":"","code":1006,"reason":""})");
}

TEST(HookMessageTest, ARequestForATicketHasABodyOfItsOwn) {
  HookEvent asked = event(Kind::ticket);
  asked.name = "2001:db8::1";
  asked.data = R"({"origin":"https://app.example","address":"2001:db8::1"})";
  const HookMessage message = write(asked);
  EXPECT_EQ(message.body, asked.data);
  EXPECT_EQ(field(message, "ce-type"), "usher.ticket");
  EXPECT_EQ(field(message, "ce-subject"), "2001:db8::1");
}

// Whatever a client calls its method: it ends up in a header.
TEST(HookMessageTest, TheSubjectCanForgeNoHeader) {
  HookEvent rpc = event(Kind::rpc);
  rpc.name = "a b\r\nX-Evil: \"1%\"\xc3\xbc";
  EXPECT_EQ(field(write(rpc), "ce-subject"), "a%20b%0D%0AX-Evil:%20%221%25%22%C3%BC");
  EXPECT_EQ(field(write(event(Kind::connected)), "ce-subject"), "c1");
}

TEST(HookMessageTest, SendGoesToTheRpcHook) {
  EXPECT_EQ(hook_of(Kind::rpc), session::Hook::rpc);
  EXPECT_EQ(hook_of(Kind::send), session::Hook::rpc);
  EXPECT_EQ(hook_of(Kind::publish), session::Hook::publish);
  EXPECT_EQ(hook_of(Kind::connected), session::Hook::connected);
  EXPECT_EQ(hook_of(Kind::disconnected), session::Hook::disconnected);
  EXPECT_EQ(hook_of(Kind::ticket), session::Hook::ticket);
  EXPECT_EQ(to_string(session::Hook::disconnected), "disconnected");
  EXPECT_EQ(hook_of(Kind::subscribe), session::Hook::subscribe);
  EXPECT_EQ(to_string(session::Hook::subscribe), "subscribe");
  EXPECT_EQ(to_string(session::Hook::ticket), "ticket");
}

}  // namespace
}  // namespace usher::hooks
