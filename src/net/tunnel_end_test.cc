// Who ends a tunnel × where each direction stands: what the two ends see, and what the session hears.
// A close frame of usher's never stands inside a frame.
#include <tuple>

#include "net/tunnel_fixture.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

using Lines = std::vector<std::string>;

const std::string kEnded(kEnd);

enum class Stands { between, in_header, in_payload, full };

std::string to_text(Stands stands) {
  constexpr std::array kTexts = {"BetweenFrames", "InAHeader", "InAPayload", "Full"};
  return kTexts[static_cast<std::size_t>(stands)];
}

class TunnelEndTest : public TunnelFixture,
                      public testing::WithParamInterface<std::tuple<Stands, Stands>> {
 protected:
  struct Said {
    std::string all;
    std::string taken;  // by usher
  };

  TunnelEndTest() {
    open();
    up = begin(std::get<0>(GetParam()), client, client_frame);
    down = begin(std::get<1>(GetParam()), upstream, server_frame);
    notes.heard.clear();
  }

  template <class Frame>
  Said begin(Stands stands, const Fd& from, Frame frame) {
    Said said;
    const auto say_more = [&](const std::string& bytes) {
      say(from, bytes);
      turn();
      said.all += bytes;
      if (!is_unread(from)) said.taken += bytes;
    };
    say_more(frame(1, "hello"));
    const std::string unfinished = frame(2, std::string(300, 'x'));
    switch (stands) {
      case Stands::between:
        break;
      case Stands::in_header:
        say_more(unfinished.substr(0, 3));
        break;
      case Stands::in_payload:
        say_more(unfinished.substr(0, 20));
        break;
      case Stands::full:
        while (said.taken.size() == said.all.size()) say_more(frame(2, std::string(16'000, 'x')));
        break;
    }
    return said;
  }

  static bool is_in_frame(Stands stands) {
    return stands == Stands::in_header || stands == Stands::in_payload;
  }
  bool up_is_in_frame() const { return is_in_frame(std::get<0>(GetParam())); }
  bool down_is_in_frame() const { return is_in_frame(std::get<1>(GetParam())); }
  bool up_is_full() const { return std::get<0>(GetParam()) == Stands::full; }

  Said up, down;
};

INSTANTIATE_TEST_SUITE_P(All, TunnelEndTest,
                         testing::Combine(testing::Values(Stands::between, Stands::in_header,
                                                          Stands::in_payload, Stands::full),
                                          testing::Values(Stands::between, Stands::in_header,
                                                          Stands::in_payload, Stands::full)),
                         [](const auto& stands) {
                           return "Up" + to_text(std::get<0>(stands.param)) + "Down" +
                                  to_text(std::get<1>(stands.param));
                         });

TEST_P(TunnelEndTest, Usher) {
  close();
  const std::string last_down = down_is_in_frame() ? "" : close_frame(kBye);
  EXPECT_EQ(hear(client), down.taken + last_down);
  if (down_is_in_frame()) {
    turn(Tunnel::kFrameTimeMax + 20ms);
    EXPECT_EQ(hear(client), kEnded);
  }
  const std::string last_up = up_is_in_frame() ? "" : masked_close_frame(kBye);
  // An upstream that has a close frame closes by itself, unless the client had to be cut.
  const bool hears_end = up_is_in_frame() || down_is_in_frame();
  EXPECT_EQ(hear(upstream), up.taken + last_up + (hears_end ? kEnded : ""));
  EXPECT_EQ(notes.heard, Lines{"turn"});
  expect_nothing_left();
}

TEST_P(TunnelEndTest, UpstreamFinishes) {
  ASSERT_EQ(shutdown(upstream.get(), SHUT_WR), 0);
  EXPECT_EQ(hear(client), down.all + kEnded);
  EXPECT_EQ(hear(upstream), up.taken + kEnded);
  EXPECT_EQ(notes.heard, Lines{"closed:1006:"});
  expect_nothing_left();
}

TEST_P(TunnelEndTest, UpstreamResets) {
  upstream = Fd();  // with unread bytes
  EXPECT_EQ(hear(client), down.all + kEnded);
  EXPECT_EQ(notes.heard, Lines{"closed:1006:"});
  expect_nothing_left();
}

TEST_P(TunnelEndTest, UpstreamSendsACloseFrameAndResets) {
  if (down_is_in_frame()) return say(upstream, "x");  // there is no place for one
  const std::string last = server_frame(8, "\x0F\xA0over");
  say(upstream, last);
  upstream = Fd();
  EXPECT_EQ(hear(client), down.all + last + kEnded);
  EXPECT_EQ(notes.heard, Lines{"closed:4000:over"});
  expect_nothing_left();
}

TEST_P(TunnelEndTest, ClientFinishes) {
  ASSERT_EQ(shutdown(client.get(), SHUT_WR), 0);
  turn();
  EXPECT_EQ(hear(upstream), up.all + kEnded);
  EXPECT_EQ(hear(client), down.all);
  EXPECT_EQ(notes.heard, Lines{});
  say(upstream, "more");
  upstream = Fd();
  EXPECT_EQ(hear(client), "more" + kEnded);
  EXPECT_EQ(notes.heard, Lines{"closed:1006:"});
  expect_nothing_left();
}

TEST_P(TunnelEndTest, ClientResets) {
  client = Fd();  // with unread bytes
  turn();
  EXPECT_EQ(notes.heard, Lines{"closed:1006:"});
  EXPECT_EQ(hear(upstream), up.taken + kEnded);
  expect_nothing_left();
}

TEST_P(TunnelEndTest, ClientSendsACloseFrame) {
  if (up_is_in_frame()) return say(client, "x");  // there is no place for one
  const std::string last = client_frame(8, "\x0F\xA0over");
  say(client, last);
  turn();
  EXPECT_EQ(hear(upstream), up.all + last);
  EXPECT_EQ(hear(client), down.all);
  EXPECT_EQ(notes.heard, Lines{});
  ASSERT_EQ(shutdown(upstream.get(), SHUT_WR), 0);
  EXPECT_EQ(hear(client), kEnded);
  EXPECT_EQ(hear(upstream), kEnded);
  EXPECT_EQ(notes.heard, Lines{"closed:4000:over"});
  expect_nothing_left();
}

}  // namespace
}  // namespace usher::net
