#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/commands_world.h"
#include "tests/app/running_daemon.h"
#include "tests/openflow/private_ovs.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;

// That they reach a daemon is tested in fabrixd_test.cc.
TEST(PolicyChangeTest, ChangesNeedADaemon) {
  const testing::Scratch scratch;
  const auto good = scratch.write("good.policy", "outbound = match(dstport=80) >> fwd(B)\n");
  const std::string nowhere = scratch / "none.sock";
  const auto set = fabrix({"policy", "set", "--participant", "A", "--socket", nowhere, good});
  EXPECT_EQ(set.status.code, 5);
  EXPECT_THAT(set.err, HasSubstr("no daemon answers at " + nowhere));
  EXPECT_EQ(fabrix({"policy", "remove", "--participant", "A", "--socket", nowhere}).status.code, 5);
  EXPECT_EQ(fabrix({"policy", "set", "--participant", "A", scratch / "none"}).status.code, 3);
}

// A switch whose second table, in either bank, has no room for the policy (ADR 12).
TEST(PolicyChangeTest, WaitsForTheFabricAndSaysThatItRefuses) {
  if (const auto reason = tests::PrivateOvs::unavailable()) GTEST_SKIP() << *reason;
  tests::PrivateOvs ovs;
  ASSERT_TRUE(ovs.start()) << ovs.error();
  const testing::Scratch scratch;
  io::EventLoop loop;
  testing::RunningDaemon daemon(loop, scratch,
                                scratch.write("exchange.yaml", testing::loopback_exchange()));
  // A switch connects to sockets in its own directory only.
  const std::string path = ovs.run_directory() + "/ix.ctl";
  std::filesystem::create_symlink(scratch / "run/openflow.sock", path);
  ASSERT_TRUE(ovs.bridge("ix", path)) << ovs.error();
  ASSERT_TRUE(daemon.says("switch read"));
  for (const std::string table : {"2", "10"}) {
    ASSERT_TRUE(ovs.vsctl({"--", "--id=@t", "create", "Flow_Table", "flow_limit=40",
                           "overflow_policy=refuse", "--", "set", "bridge", "ix",
                           "flow_tables:" + table + "=@t"}))
        << ovs.error();
  }
  const auto set = [&](int clauses) {
    std::string text = "outbound = drop";
    for (int i = 0; i < clauses; ++i) {
      text = fmt::format("{} (match(dstport={}) >> drop)", i == 0 ? "outbound =" : text + " +",
                         1000 + 7 * i);
    }
    return daemon.ask({"policy", "set", "--participant", "A", scratch.write("A.policy", text)});
  };
  const auto small = set(1);
  EXPECT_EQ(small.status.code, 0) << small.err;
  EXPECT_EQ(small.out, "ok\n");
  const std::string before = daemon.ask({"show", "policies"}).out;
  const auto big = set(100);
  EXPECT_EQ(big.status.code, 1);
  EXPECT_EQ(big.out, "");
  EXPECT_THAT(big.err, HasSubstr("policy of A taken back, the fabric refused it"));
  EXPECT_THAT(big.err, HasSubstr("table full"));
  EXPECT_EQ(daemon.ask({"show", "policies"}).out, before);
}

}  // namespace
}  // namespace fabrix::app
