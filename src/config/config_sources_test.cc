#include "config/config_sources.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "support/print_result.h"

namespace usher::config {
namespace {

class ConfigSourcesTest : public testing::Test {
 protected:
  ConfigSourcesTest() {
    std::string name = testing::TempDir() + "usher_config_XXXXXX";
    folder = mkdtemp(name.data());
  }
  ~ConfigSourcesTest() override { std::filesystem::remove_all(folder); }

  std::string write(const std::string& name, std::string_view content, mode_t mode = 0600) const {
    const std::string path = folder / name;
    std::ofstream(path) << content;
    chmod(path.c_str(), mode);
    return path;
  }

  std::filesystem::path folder;
};

TEST_F(ConfigSourcesTest, ReadsAWholeFileUpToItsBound) {
  const std::string path = write("file", "12345");
  EXPECT_EQ(read_file(path), (Result<std::string, ReadError>("12345")));
  EXPECT_EQ(read_file(path, 5), (Result<std::string, ReadError>("12345")));
  EXPECT_EQ(read_file(path, 4), (Result<std::string, ReadError>(ReadError::too_large)));
  EXPECT_EQ(read_file(folder / "none"), (Result<std::string, ReadError>(ReadError::missing)));
  EXPECT_EQ(read_file(folder), (Result<std::string, ReadError>(ReadError::directory)));
}

TEST_F(ConfigSourcesTest, APipeIsNotWaitedForUnlessItIsWelcome) {
  const std::string pipe = folder / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read_file(pipe), (Result<std::string, ReadError>(ReadError::no_file)));
  std::thread writer([&] { std::ofstream(pipe) << "12345"; });
  EXPECT_EQ(read_file(pipe, 5, Pipes::read), (Result<std::string, ReadError>("12345")));
  writer.join();
}

TEST_F(ConfigSourcesTest, FactsTellWhyAFileCantBeReadAndHowLongItIs) {
  Config config;
  config.tls.key_file = folder / "none";
  config.tls.ca_file = folder;
  config.tls.session_ticket_key_files = {write("ticket.key", std::string(80, '\n'))};
  const FileFacts facts = gather_file_facts(config);
  EXPECT_EQ(facts.at(config.tls.key_file).obstacle, to_string(ReadError::missing));
  EXPECT_EQ(facts.at(config.tls.ca_file).obstacle, to_string(ReadError::directory));
  EXPECT_EQ(facts.at(config.tls.session_ticket_key_files[0]).bytes, 80u);
}

TEST_F(ConfigSourcesTest, FactsTellModesAndTheSecretsRealLength) {
  Config config;
  config.jwt.secret_file = {write("tight", std::string(32, 's') + "\n"),
                            write("loose", std::string(31, 's') + "\n", 0646)};
  config.jwt.jwks_file = folder;
  const FileFacts facts = gather_file_facts(config);
  const FileFact& tight = facts.at(config.jwt.secret_file[0]);
  EXPECT_TRUE(tight.readable);
  EXPECT_EQ(tight.secret_bytes, 32u);
  EXPECT_FALSE(tight.world_readable || tight.world_writable);
  const FileFact& loose = facts.at(config.jwt.secret_file[1]);
  EXPECT_EQ(loose.secret_bytes, 31u);
  EXPECT_TRUE(loose.world_readable && loose.world_writable);
  EXPECT_FALSE(facts.at(config.jwt.jwks_file).readable);
}

TEST_F(ConfigSourcesTest, TheEnvironmentIsReadByPrefix) {
  setenv("USHER_TEST_VALUE", "a=b", 1);
  const Settings variables = usher_environment();
  unsetenv("USHER_TEST_VALUE");
  bool found = false;
  for (const auto& [name, value] : variables) {
    EXPECT_TRUE(name.starts_with("USHER_"));
    found = found || (name == "USHER_TEST_VALUE" && value == "a=b");
  }
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace usher::config
