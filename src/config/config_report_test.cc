#include "config/config_report.h"

#include <gtest/gtest.h>

namespace usher::config {
namespace {

using Sentences = std::vector<std::string>;

class ConfigReportTest : public testing::Test {
 protected:
  ConfigFindings take() { return std::move(report).take(); }

  ConfigPlaces places;
  FileFacts facts;
  ConfigReport report{places, facts};
};

TEST_F(ConfigReportTest, SentencesComeInTheirOrder) {
  report.error("a.b is wrong");
  report.warn("c.d is odd");
  report.error("e.f is wrong");
  const ConfigFindings findings = take();
  EXPECT_EQ(findings.errors, (Sentences{"a.b is wrong", "e.f is wrong"}));
  EXPECT_EQ(findings.warnings, Sentences{"c.d is odd"});
}

TEST_F(ConfigReportTest, APlaceStandsBeforeTheSentence) {
  EXPECT_EQ(behind_place("usher.toml:3", "a.b is wrong"), "usher.toml:3: a.b is wrong");
  EXPECT_EQ(behind_place("", "a.b is wrong"), "a.b is wrong");
}

TEST_F(ConfigReportTest, AFileThatCannotBeReadIsAnError) {
  facts["there"] = {.readable = false, .obstacle = "is a folder"};
  report.files("a.b", {"there", "unknown"}, FileUse::published);
  const ConfigFindings findings = take();
  ASSERT_EQ(findings.errors.size(), 2u);
  EXPECT_EQ(findings.errors[0], "a.b 'there' is a folder");
  EXPECT_NE(findings.errors[1].find("a.b 'unknown' can't be read"), std::string::npos);
}

TEST_F(ConfigReportTest, ASecretThatOthersCanReadIsAWarningAndAPublishedFileIsNot) {
  facts["f"] = {.readable = true, .secret_bytes = 32, .world_readable = true};
  report.file("a.b", "f", FileUse::published);
  report.file("a.b", "f", FileUse::secret);
  const ConfigFindings findings = take();
  EXPECT_EQ(findings.errors, Sentences{});
  EXPECT_EQ(findings.warnings.size(), 1u);
}

TEST_F(ConfigReportTest, AShortSecretIsAnErrorUnlessTheFileHoldsSeveral) {
  facts["f"] = {.readable = true, .secret_bytes = 31};
  report.file("a.b", "f", FileUse::secrets);
  report.file("a.b", "f", FileUse::secret);
  EXPECT_EQ(take().errors.size(), 1u);
}

TEST_F(ConfigReportTest, AFileThatOthersCanChangeIsAnErrorWhateverItsUse) {
  facts["f"] = {.readable = true, .secret_bytes = 32, .world_writable = true};
  report.file("a.b", "f", FileUse::published);
  EXPECT_EQ(take().errors.size(), 1u);
}

}  // namespace
}  // namespace usher::config
