#include "auth/claim_path.h"

#include <gtest/gtest.h>

namespace usher::auth {
namespace {

std::string found(std::string_view json, std::string_view path) {
  wire::JsonReader reader;
  const auto root = reader.parse(json, {.open_levels = wire::kJsonDepthMax});
  return root ? std::string(find_claim(*root, path).raw()) : "no JSON";
}

TEST(ClaimPath, TheWholeNameComesFirstAndThenTheLongestFirstName) {
  struct Row {
    const char* path;
    const char* json;
    const char* value;
  };
  const Row rows[] = {
      {"sub", R"({"sub":1})", "1"},
      {"sub", R"({"user":{"sub":1}})", ""},
      {"realm_access.roles", R"({"realm_access":{"roles":["a"]}})", R"(["a"])"},
      {"https://example.com/tenant", R"({"https://example.com/tenant":"t"})", R"("t")"},
      {"https://example.com/tenant", R"({"https://example":{"com/tenant":"t"}})", R"("t")"},
      {"a.b", R"({"a":{"b":1},"a.b":2})", "2"},
      {"a.b", R"({"a":{"b":1},"a.b":null})", "null"},
      {"a.b.c", R"({"a":{"b":{"c":1},"b.c":2},"a.b":{"c":3}})", "3"},
      {"a.b.c", R"({"a":{"b":{"c":1},"b.c":2}})", "2"},
      {"a.b.c", R"({"a":{"b":{"c":1}}})", "1"},
      {"a.b.c", R"({"a":{"b.c":1},"a.b":{"d":2}})", "1"},
      {"a.b.c", R"({"a":{"b.c":1},"a.b":7})", "1"},
      {"https://h.example/jwt/claims.x-user", R"({"https://h.example/jwt/claims":{"x-user":"u"}})",
       R"("u")"},
      {"a.b", R"({"a":[{"b":1}]})", ""},
      {"a.0", R"({"a":["x"]})", ""},
      {"a.b", R"({"a":"b"})", ""},
      {"a.b", R"({"a":{"c":1}})", ""},
      {"a.", R"({"a":{"":1}})", "1"},
      {".a", R"({"":{"a":1}})", ""},
      {"..", R"({"..":1})", "1"},
      {"", R"({"":1})", "1"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(found(row.json, row.path), row.value) << row.path << row.json;
}

TEST(ClaimPath, ALongPathThroughObjectsThatAllFitIsFoundOrNotAtOnce) {
  std::string json = R"({"z":1})";
  std::string path = "z";
  for (int i = 0; i < 30; ++i) {
    json = R"({"a":)" + json + R"(,"a.a":{"a":{}}})";
    path = "a." + path;
  }
  EXPECT_EQ(found(json, path), "1");
  EXPECT_EQ(found(json, path + ".b"), "");
}

}  // namespace
}  // namespace usher::auth
