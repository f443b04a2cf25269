// How much memory an idle connection takes in the hub. Not measured under sanitizers, which have
// their own allocator.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <malloc.h>

#include <gtest/gtest.h>

#include "support/hub_cluster.h"

namespace usher::hub {
namespace {

using test::HubCluster;

constexpr std::size_t kConnections = 8000;
constexpr std::size_t kBytesMax = 220;  // of the 640 that a whole connection may take

class Idle final : public Subscriber {
 public:
  Identity identity() const override {
    return {.session = session, .user = user, .jti = "", .conn_info = "", .channel_patterns = {}};
  }
  void deliver(const wire::SharedFrame&) override {}
  std::size_t room_bytes() const override { return 1 << 20; }
  void close(const wire::CloseReason&) override {}
  void refresh(bool, std::optional<std::int64_t>) override {}

  std::string session;
  std::string user;
};

std::size_t heap_bytes() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

double bytes_each(bool logged_in) {
  HubCluster cluster({}, 2);
  std::vector<Idle> all(kConnections);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].session = "sess_0123456789abcdef_" + std::to_string(i);
    if (logged_in) all[i].user = "user_" + std::to_string(i / 2);
  }
  const std::size_t before = heap_bytes();
  for (std::size_t i = 0; i < all.size(); ++i) {
    cluster.hub(i % 2).join(all[i], {}, [](const Joined&) {});
    cluster.mail.run_all();
  }
  const auto heap = static_cast<double>(heap_bytes() - before);
  for (std::size_t i = 0; i < all.size(); ++i) cluster.hub(i % 2).leave(all[i]);
  cluster.mail.run_all();
  return heap / kConnections + sizeof(Subscriber);
}

TEST(HubMemoryTest, AnIdleConnectionWithItsPersonalChannelsIsSmall) {
  const double guest = bytes_each(false);
  const double user = bytes_each(true);
  std::printf(
      "hub bytes for each idle connection: guest %.0f, logged in %.0f (of these, %zu inside it)\n",
      guest, user, sizeof(Subscriber));
  EXPECT_LE(guest, 160);
  EXPECT_LE(user, kBytesMax);
}

}  // namespace
}  // namespace usher::hub

#endif
