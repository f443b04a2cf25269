#include "doors/upstream_table.h"

#include <gtest/gtest.h>

namespace usher::doors {
namespace {

using namespace std::literals;

UpstreamTable table_of(const std::vector<std::string>& paths) {
  std::vector<Upstream> upstreams;
  for (const std::string& path : paths) {
    Upstream upstream;
    upstream.path = path;
    upstreams.push_back(std::move(upstream));
  }
  return UpstreamTable(std::move(upstreams));
}

// Returns the path of the upstream that serves the path; "" if none does.
std::string server_of(const UpstreamTable& table, std::string_view path) {
  const auto found = table.find(path);
  return found ? table[*found].path : "";
}

TEST(UpstreamTableTest, FindsTheUpstreamOfAPath) {
  const std::vector<std::string> in_order{"/board/*",        "/board", "/board/live/*",
                                          "/board/live/now", "/chat",  "/x/"};
  const std::vector<std::string> reversed(in_order.rbegin(), in_order.rend());
  struct Row {
    std::string_view path, server;
  };
  for (const auto& paths : {in_order, reversed}) {
    const UpstreamTable table = table_of(paths);
    for (const Row& row : {
             // An exact path comes before one with "/*".
             Row{"/board", "/board"},
             Row{"/board/live/now", "/board/live/now"},
             // Below "/board/".
             Row{"/board/a", "/board/*"},
             Row{"/board/a/b", "/board/*"},
             Row{"/board/", "/board/*"},
             Row{"/board//", "/board/*"},
             Row{"/board/live", "/board/*"},
             Row{"/board/livelier", "/board/*"},
             // The longest of those with "/*".
             Row{"/board/live/", "/board/live/*"},
             Row{"/board/live/a/b", "/board/live/*"},
             Row{"/board/live/now/a", "/board/live/*"},
             // Others.
             Row{"/chat", "/chat"},
             Row{"/x/", "/x/"},
             Row{"/x", ""},
             Row{"/x/a", ""},
             Row{"/chat/", ""},
             Row{"/chat/a", ""},
             Row{"/cha", ""},
             Row{"/chats", ""},
             Row{"/CHAT", ""},
             Row{"/%63hat", ""},
             Row{"/boards", ""},
             Row{"//board/a", ""},
             Row{"/a/board/a", ""},
             Row{"/", ""},
             Row{"", ""},
             Row{"*", ""},
         }) {
      EXPECT_EQ(server_of(table, row.path), row.server) << row.path;
    }
  }
}

TEST(UpstreamTableTest, APathIsNotBelowItself) {
  const UpstreamTable table = table_of({"/board/*"});
  EXPECT_EQ(server_of(table, "/board"), "");
  EXPECT_EQ(server_of(table, "/board/*"), "/board/*");
}

TEST(UpstreamTableTest, OneUpstreamMayServeEverything) {
  const UpstreamTable table = table_of({"/*", "/board/*"});
  EXPECT_EQ(server_of(table, "/"), "/*");
  EXPECT_EQ(server_of(table, "/a/b"), "/*");
  EXPECT_EQ(server_of(table, "/board/a"), "/board/*");
  EXPECT_EQ(server_of(table, ""), "");
}

TEST(UpstreamTableTest, AnEmptyTableServesNothing) {
  const UpstreamTable table;
  EXPECT_EQ(table.size(), 0u);
  EXPECT_FALSE(table.find("/"));
  EXPECT_FALSE(table.find(""));
}

// Each way to write a dot, a segment's end, and what some servers cut off.
TEST(UpstreamTableTest, FindsDotSegmentsInEachEncoding) {
  for (const std::string dot : {".", "%2e", "%2E", "%252e", "%252E", "%25%32e", "%%32e"}) {
    for (const std::string slash : {"/", "%2f", "%2F", "%252f", "\\", "%5c", "%5C", "%255c"}) {
      for (const std::string& segment :
           {dot, dot + dot, dot + ".", "." + dot, dot + dot + ";v=1", dot + "%3bv", dot + ";"}) {
        for (const std::string& path :
             {"/board" + slash + segment, "/board" + slash + segment + slash,
              "/board" + slash + segment + slash + "a", slash + segment, segment + slash + "a",
              "/board//" + segment, segment}) {
          EXPECT_TRUE(has_dot_segment(path)) << path;
        }
      }
    }
  }
}

TEST(UpstreamTableTest, DotsWithinASegmentAreFine) {
  for (const std::string_view path : {""sv,
                                      "/"sv,
                                      "/board"sv,
                                      "/a.b"sv,
                                      "/a..b"sv,
                                      "/..."sv,
                                      "/.well-known"sv,
                                      "/..a/b"sv,
                                      "/a../b"sv,
                                      "/a.."sv,
                                      "/.;"sv.substr(0, 1),
                                      "/a;.."sv,
                                      "/a%2e"sv,
                                      "/%2e%2e%2e"sv,
                                      "/%2"sv,
                                      "/%2g"sv,
                                      "/;/a"sv,
                                      "/-/_/~"sv,
                                      "/%25"sv,
                                      "//"sv}) {
    EXPECT_FALSE(has_dot_segment(path)) << path;
  }
}

}  // namespace
}  // namespace usher::doors
