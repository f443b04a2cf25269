#include "hub/publication.h"

#include <gtest/gtest.h>

#include "support/publications.h"

namespace usher::hub {
namespace {

TEST(PublicationTest, ViewsKeepTheirInfosInPlace) {
  Publications publications;
  for (int i = 0; i < 100; ++i) {
    auto publication = std::make_shared<Publication>();
    publication->offset = static_cast<std::uint64_t>(i + 1);
    publication->data = std::to_string(i);
    if (i % 2 == 0) {
      publication->info =
          std::make_unique<const ClientInfo>(ClientInfo{"c" + std::to_string(i), "u", "1", "2"});
    }
    publications.push_back(std::move(publication));
  }
  const PublicationViews views(publications);
  ASSERT_EQ(views.get().size(), 100u);
  for (int i = 0; i < 100; ++i) {
    const wire::Publication& view = views.get()[static_cast<std::size_t>(i)];
    EXPECT_EQ(view.data, std::to_string(i));
    EXPECT_EQ(view.offset, static_cast<std::uint64_t>(i + 1));
    ASSERT_EQ(view.info != nullptr, i % 2 == 0);
    if (view.info == nullptr) continue;
    EXPECT_EQ(view.info->client, "c" + std::to_string(i));
    EXPECT_EQ(view.info->chan_info, "2");
  }
}

TEST(PublicationTest, APushCarriesWhatThereIs) {
  Publication publication;
  publication.data = "1";
  EXPECT_EQ(test::payload_of(push_of("c", publication)),
            R"({"push":{"channel":"c","pub":{"data":1}}})");
  publication.offset = 7;
  publication.tags = R"({"t":"v"})";
  publication.info = std::make_unique<const ClientInfo>(ClientInfo{"id", "u", "", ""});
  EXPECT_EQ(test::payload_of(push_of("c", publication)),
            R"({"push":{"channel":"c","pub":{"data":1,"info":{"user":"u","client":"id"},)"
            R"("offset":7,"tags":{"t":"v"}}}})");
}

}  // namespace
}  // namespace usher::hub
