#include "controller/port_record.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "fabric/simulated.h"
#include "tests/controller/two_members.h"

namespace fabrix::controller {
namespace {

using exchange::Standing;

// A controller of the exchange, as a process has it.
struct Process {
  exchange::Exchange exchange = two_members();
  fabric::SimulatedFabric fabric;
  Controller controller{exchange, fabric};

  const exchange::Router& router(const char* name) const {
    return *controller.exchange().find_router(name);
  }
};

class PortRecordTest : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  std::string path_ = testing::TempDir() + "ports_" + std::to_string(getpid());
};

TEST_F(PortRecordTest, WhatIsClosedStaysClosedInTheNextProcess) {
  std::chrono::system_clock::time_point since;
  {
    Process process;
    PortRecord record(process.controller, path_);
    record.keep();
    process.controller.set_standing(process.router("b1").id, Standing::kQuarantined, "it\nloops");
    process.controller.set_standing(process.router("a1").id, Standing::kShutDown, "");
    since = process.controller.port_order(process.router("b1").id)->since;
  }
  Process next;
  PortRecord record(next.controller, path_);
  EXPECT_TRUE(record.restore().empty());
  record.keep();
  EXPECT_EQ(next.router("b1").standing, Standing::kQuarantined);
  EXPECT_EQ(next.router("a1").standing, Standing::kShutDown);
  const auto* order = next.controller.port_order(next.router("b1").id);
  ASSERT_NE(order, nullptr);
  EXPECT_EQ(order->reason, "it loops");
  EXPECT_EQ(std::chrono::floor<std::chrono::milliseconds>(since),
            std::chrono::floor<std::chrono::milliseconds>(order->since));
}

TEST_F(PortRecordTest, WhatIsReleasedIsOpenInTheNextProcess) {
  {
    Process process;
    PortRecord record(process.controller, path_);
    record.keep();
    process.controller.set_standing(process.router("b1").id, Standing::kShutDown, "");
    process.controller.set_standing(process.router("b1").id, Standing::kOpen, "");
  }
  Process next;
  EXPECT_TRUE(PortRecord(next.controller, path_).restore().empty());
  EXPECT_EQ(next.router("b1").standing, Standing::kOpen);
}

TEST_F(PortRecordTest, TellsWhatItCannotTakeOver) {
  Process process;
  PortRecord record(process.controller, path_);
  EXPECT_TRUE(record.restore().empty());  // there is no file
  std::ofstream(path_) << "fabrix ports 1\nshutdown 1764000000000 z9 gone\nshutdown 5 a1 \n";
  const auto problems = record.restore();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].find("z9"), std::string::npos) << problems[0];
  EXPECT_EQ(process.router("a1").standing, Standing::kShutDown);
  std::ofstream(path_) << "fabrix states 1\n";
  EXPECT_EQ(record.restore().size(), 1U);
}

TEST(PortRecord, ReadsWhatItWrites) {
  const std::vector<RecordedPort> all{
      {.standing = Standing::kQuarantined, .since = 1764000000000, .router = "B1", .reason = "a b"},
      {.standing = Standing::kShutDown, .since = 0, .router = "A1", .reason = ""}};
  EXPECT_EQ(format_ports(all),
            "fabrix ports 1\nquarantined 1764000000000 B1 a b\nshutdown 0 A1 \n");
  EXPECT_EQ(parse_ports(format_ports(all)), all);
}

TEST(PortRecord, RefusesWhatIsNoRecord) {
  for (const char* text :
       {"", "fabrix ports 2\n", "fabrix ports 1\nopen 1 a1 \n", "fabrix ports 1\nshutdown x a1 \n",
        "fabrix ports 1\nshutdown 1\n", "fabrix ports 1\nshutdown 1 a1"}) {
    EXPECT_FALSE(parse_ports(text)) << text;
  }
}

}  // namespace
}  // namespace fabrix::controller
