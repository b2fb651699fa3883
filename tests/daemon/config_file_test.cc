#include "daemon/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/members.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

using ::testing::HasSubstr;

TEST(ConfigFile, SecretsAreRelativeToTheirDirectory) {
  const io::testing::TemporaryDirectory directory;
  write(directory / "a.md5", "secret\n");
  const auto secrets = secrets_in(directory.path());
  EXPECT_EQ(secrets("a.md5").value(), "secret\n");
  EXPECT_EQ(secrets(directory / "a.md5").value(), "secret\n") << "an absolute name is that";
  EXPECT_FALSE(secrets("none"));
  write(directory / "large", std::string(5000, 'x'));
  EXPECT_FALSE(secrets("large"));
}

TEST(ConfigFile, IsReadWithItsSecrets) {
  const io::testing::TemporaryDirectory directory;
  write(directory / "b.md5", "secret\n");
  write(directory / "two.yaml", two_members("    session: {md5_password_file: b.md5}\n"));
  const auto exchange = read_config(directory / "two.yaml");
  ASSERT_TRUE(exchange);
  EXPECT_EQ(exchange->participants[1].session.md5_password, "secret");
}

TEST(ConfigFile, SaysWhereItIsWrong) {
  const io::testing::TemporaryDirectory directory;
  write(directory / "two.yaml", two_members("    colour: red\n"));
  const auto exchange = read_config(directory / "two.yaml");
  ASSERT_FALSE(exchange);
  ASSERT_EQ(exchange.error().size(), 1U);
  EXPECT_THAT(exchange.error()[0].text, HasSubstr(directory / "two.yaml:16:5"));
  const auto none = read_config(directory / "none.yaml");
  ASSERT_FALSE(none);
  EXPECT_THAT(none.error()[0].text, HasSubstr(directory / "none.yaml"));
}

}  // namespace
}  // namespace fabrix::daemon
