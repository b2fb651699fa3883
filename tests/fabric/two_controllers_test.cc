// Two controllers of one real Open vSwitch: whichever has the newer generation writes, the other
// one nothing.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fabric/openflow_fabric.h"
#include "tests/fabric/switch_link.h"
#include "tests/openflow/private_ovs.h"

namespace fabrix::fabric {
namespace {

// A row of this priority.
program::ProgramPtr program_of(std::uint16_t priority) {
  auto program = std::make_shared<program::Program>();
  program::Row row;
  row.priority = priority;
  row.match.exact(net::Field::kInPort, 1);
  row.next = program::Output{net::PortNo{2}};
  program->table(program::TableId::kAdmit) = {row};
  return program;
}

struct Controller {
  Controller() {
    fabric.on_ready = [this] { ++ready; };
    fabric.on_notice = [this](Severity, const std::string& text) { notices.push_back(text); };
  }

  OpenFlowFabric fabric{{net::PortNo{1}, net::PortNo{2}}};
  SwitchLink link{fabric};
  int ready = 0;
  std::vector<std::string> notices;
};

class TwoControllersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = tests::PrivateOvs::unavailable()) GTEST_SKIP() << *reason;
    ASSERT_TRUE(ovs_.start()) << ovs_.error();
    ASSERT_TRUE(older_.link.listen_on(ovs_.run_directory() + "/a.ctl"));
    ASSERT_TRUE(newer_.link.listen_on(ovs_.run_directory() + "/b.ctl"));
    ASSERT_TRUE(ovs_.bridge("ix"));
  }

  void connect(const std::vector<std::string>& controllers, const std::string& protocols) {
    std::vector<std::string> words{"set", "bridge",         "ix", "protocols=" + protocols,
                                   "--",  "set-controller", "ix"};
    for (const std::string& one : controllers) {
      words.push_back("unix:" + ovs_.run_directory() + "/" + one + ".ctl");
    }
    ASSERT_TRUE(ovs_.vsctl(words)) << ovs_.error();
  }

  bool has(int priority) {
    const std::string flows = tests::run_program({"ovs-ofctl", "-O", "OpenFlow13,OpenFlow14",
                                                  "dump-flows", ovs_.management("ix")})
                                  .output;
    return flows.find("priority=" + std::to_string(priority)) != std::string::npos;
  }

  void take_over(const std::string& protocols) {
    older_.fabric.set_generation(4);
    newer_.fabric.set_generation(5);
    connect({"a"}, protocols);
    ASSERT_TRUE(older_.link.run_until([this] { return older_.ready == 1; }));
    ASSERT_TRUE(older_.link.install(program_of(10)).value());
    ASSERT_TRUE(has(10));

    connect({"a", "b"}, protocols);
    ASSERT_TRUE(newer_.link.run_until([this] { return newer_.ready == 1; }));
    ASSERT_TRUE(newer_.link.install(program_of(20)).value());
    ASSERT_TRUE(newer_.link.run_until([this] { return newer_.fabric.in_sync(); }));
    // The older one has not heard of it yet, and changes something.
    older_.fabric.install(program_of(30), [](const auto&) {});
    ASSERT_TRUE(older_.link.run_until([this] { return !older_.notices.empty(); }));
    EXPECT_FALSE(older_.fabric.is_connected());
    older_.fabric.install(program_of(40), [](const auto&) {});
    // It asks again, and again in vain.
    int ended = 0;
    older_.fabric.on_output = [this, &ended] { ended += older_.fabric.wants_close() ? 1 : 0; };
    ASSERT_TRUE(older_.link.run_until([&ended] { return ended >= 2; }));
    older_.fabric.on_output = nullptr;
    EXPECT_EQ(older_.notices.size(), 1U);
    EXPECT_EQ(older_.ready, 1);
    EXPECT_TRUE(has(20));
    for (const int gone : {10, 30, 40}) EXPECT_FALSE(has(gone)) << gone;
    ASSERT_TRUE(newer_.link.install(program_of(50)).value()) << "the newer one goes on";
    EXPECT_TRUE(has(50));
  }

  tests::PrivateOvs ovs_;
  Controller older_;
  Controller newer_;
};

TEST_F(TwoControllersTest, TheStaleOneWritesNothingToOpenFlow14) {
  take_over("OpenFlow14");
}

TEST_F(TwoControllersTest, TheStaleOneWritesNothingToOpenFlow13) {
  take_over("OpenFlow13");
}

}  // namespace
}  // namespace fabrix::fabric
