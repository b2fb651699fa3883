#include "app/exchange_file.h"

#include <gtest/gtest.h>

#include "exchange/session_reader.h"
#include "tests/app/commands_world.h"

namespace fabrix::app {
namespace {

TEST(ExchangeFileTest, ReadsAnExchangeWithoutItsSecrets) {
  const testing::Scratch scratch;
  std::string text = testing::loopback_exchange();
  text.replace(text.find("port: 179}"), 10, "session: {md5_password_file: none}}");
  const auto exchange = read_exchange(scratch.write("exchange.yaml", text));
  ASSERT_TRUE(exchange);
  EXPECT_EQ(exchange->participants[0].session.md5_password, exchange::kUnreadSecret);
  EXPECT_EQ(read_exchange(scratch / "none").error(), ExitCode::kNotFound);
  EXPECT_EQ(read_exchange(scratch.write("bad", "x")).error(), ExitCode::kBadConfig);
}

TEST(ExchangeFileTest, TheDaemonReadsThem) {
  const testing::Scratch scratch;
  std::string text = testing::loopback_exchange();
  text.replace(text.find("port: 179}"), 10, "session: {md5_password_file: a.md5}}");
  const std::string file = scratch.write("exchange.yaml", text);
  const auto without = testing::fabrixd({"-c", file, "--check"});
  EXPECT_EQ(without.status.code, 78);
  EXPECT_NE(without.err.find("error[C0139]"), std::string::npos) << without.err;
  scratch.write("a.md5", "secret\n");
  EXPECT_EQ(testing::fabrixd({"-c", file, "--check"}).status.code, 0);
}

}  // namespace
}  // namespace fabrix::app
