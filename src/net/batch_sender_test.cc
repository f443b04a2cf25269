#include "net/batch_sender.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "net/fd.h"

namespace usher::net {
namespace {

struct Pair {
  Pair() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ours = Fd(ends[0]);
    theirs = Fd(ends[1]);
  }
  std::string received() const {
    char buffer[4096];
    const ssize_t count = recv(theirs.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    return count < 0 ? "" : std::string(buffer, static_cast<std::size_t>(count));
  }
  Fd ours;
  Fd theirs;
};

// Where there is no io_uring, both ways are the same one.
class BatchSenderTest : public testing::TestWithParam<BatchSender::Way> {
 protected:
  BatchSender sender{GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Ways, BatchSenderTest,
                         testing::Values(BatchSender::Way::io_uring, BatchSender::Way::one_by_one),
                         [](const auto& param) {
                           return param.param == BatchSender::Way::io_uring ? "IoUring"
                                                                            : "OneByOne";
                         });

TEST_P(BatchSenderTest, EachSocketGetsItsOwnBytes) {
  std::vector<Pair> pairs(BatchSender::kBatchMax);
  std::vector<std::string> texts;
  std::vector<SendOrder> orders;
  for (std::size_t i = 0; i < pairs.size(); ++i) texts.push_back("for " + std::to_string(i));
  // The ring goes round more than once.
  for (const std::size_t count : {pairs.size(), std::size_t{3}, pairs.size() - 1}) {
    orders.clear();
    for (std::size_t i = 0; i < count; ++i) {
      orders.push_back({.fd = pairs[i].ours.get(), .bytes = texts[i]});
    }
    sender.send(orders);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(orders[i].result.status, IoStatus::done);
      EXPECT_EQ(orders[i].result.bytes, texts[i].size());
      EXPECT_EQ(pairs[i].received(), texts[i]);
    }
  }
}

TEST_P(BatchSenderTest, NoOrdersAreNoTrouble) { sender.send({}); }

TEST_P(BatchSenderTest, AFullSocketTakesAPartAndThenNothing) {
  const Pair full;
  const Pair other;
  const std::string much(8 << 20, 'x');
  std::vector<SendOrder> orders{{.fd = full.ours.get(), .bytes = much},
                                {.fd = other.ours.get(), .bytes = std::string_view("hi")}};
  sender.send(orders);
  EXPECT_EQ(orders[0].result.status, IoStatus::done);
  EXPECT_GT(orders[0].result.bytes, 0u);
  EXPECT_LT(orders[0].result.bytes, much.size());

  sender.send(orders);
  EXPECT_EQ(orders[0].result.status, IoStatus::want_write);
  EXPECT_EQ(orders[1].result.status, IoStatus::done);
  EXPECT_EQ(other.received(), "hihi");
}

TEST_P(BatchSenderTest, APeerThatHasGoneAndADescriptorThatIsNoneFailAloneAndWithoutASignal) {
  Pair gone;
  gone.theirs.reset();
  const Pair other;
  std::vector<SendOrder> orders{{.fd = gone.ours.get(), .bytes = std::string_view("a")},
                                {.fd = -1, .bytes = std::string_view("b")},
                                {.fd = other.ours.get(), .bytes = std::string_view("c")}};
  sender.send(orders);
  EXPECT_EQ(orders[0].result.status, IoStatus::failed);
  EXPECT_EQ(orders[1].result.status, IoStatus::failed);
  EXPECT_EQ(orders[2].result.status, IoStatus::done);
  EXPECT_EQ(other.received(), "c");
}

TEST(BatchSenderWayTest, ItIsWhatWasWantedOrSaysWhyNot) {
  const BatchSender plain(BatchSender::Way::one_by_one);
  EXPECT_EQ(plain.way(), BatchSender::Way::one_by_one);
  EXPECT_EQ(plain.obstacle(), "");
  const BatchSender ring(BatchSender::Way::io_uring);
  EXPECT_EQ(ring.way() == BatchSender::Way::io_uring, ring.obstacle().empty());
}

}  // namespace
}  // namespace usher::net
