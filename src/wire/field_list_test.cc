#include "wire/field_list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace usher::wire {
namespace {

std::vector<std::string> elements(std::string_view list) {
  std::vector<std::string> found;
  for_each_element(list, [&](std::string_view element) { found.emplace_back(element); });
  return found;
}

using Texts = std::vector<std::string>;

TEST(FieldList, WhiteSpaceAroundAnElementDoesNotCount) {
  EXPECT_EQ(elements("a, b ,\tc\t"), (Texts{"a", "b", "c"}));
  EXPECT_EQ(elements("one and a half"), Texts{"one and a half"});
}

TEST(FieldList, EmptyElementsAreVisited) {
  EXPECT_EQ(elements(""), Texts{""});
  EXPECT_EQ(elements(" , a,,"), (Texts{"", "a", "", ""}));
}

TEST(FieldList, FieldsOfOneNameAreOneList) {
  HttpRequest request;
  request.fields = {{"Upgrade", "x"}, {"CONNECTION", "a, b"}, {"connection", "c"}};
  Texts found;
  for_each_element(request, "connection",
                   [&](std::string_view element) { found.emplace_back(element); });
  EXPECT_EQ(found, (Texts{"a", "b", "c"}));
}

}  // namespace
}  // namespace usher::wire
