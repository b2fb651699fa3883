// An Open vSwitch whose fail mode is secure goes on without the controller: every packet arrives
// where the last Program says, and no flow entry floods. Beside it one whose fail mode is
// standalone, which by then has become a learning switch: what the one does not do, it was given
// the time to do.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/frame.h"
#include "net/packet.h"
#include "tests/fabric/on_open_vswitch.h"
#include "tests/fabric/wire.h"

namespace fabrix::fabric {
namespace {

constexpr std::uint64_t kTo = 0x080027000002;

// What enters at port 1 for that MAC leaves at port 2; nothing reaches port 3.
program::ProgramPtr one_way() {
  program::Row row;
  row.priority = 10;
  row.match.exact(net::Field::kInPort, 1).exact(net::Field::kDstMac, kTo);
  row.next = program::Output{net::PortNo{2}};
  auto program = std::make_shared<program::Program>();
  program->table(program::TableId::kAdmit) = {row};
  return program;
}

class FailSecureTest : public OnOpenVswitch {
 protected:
  FailSecureTest() : OnOpenVswitch({net::PortNo{1}, net::PortNo{2}, net::PortNo{3}}) {}

  void SetUp() override {
    OnOpenVswitch::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    for (unsigned port = 1; port <= 3; ++port) {
      const std::string name = "p" + std::to_string(port);
      ASSERT_TRUE(ovs_.add_port("ix", name, port)) << ovs_.error();
      const auto up = tests::run_program({"ip", "-n", ovs_.netns(), "link", "set", name, "up"});
      ASSERT_EQ(up.status, 0) << up.output;
    }
    // Nobody listens there.
    ASSERT_TRUE(ovs_.bridge("alone", ovs_.run_directory() + "/nobody.ctl")) << ovs_.error();
    ASSERT_TRUE(ovs_.vsctl({"set-fail-mode", "alone", "standalone"})) << ovs_.error();
    for (const char* bridge : {"ix", "alone"}) {
      ASSERT_TRUE(ovs_.vsctl({"set", "controller", bridge, "inactivity_probe=1000"}));
    }
  }

  // Hidden ones, too.
  bool floods(const std::string& bridge) {
    return ovs_.appctl({"bridge/dump-flows", bridge}).find("NORMAL") != std::string::npos;
  }
};

TEST_F(FailSecureTest, WithoutTheControllerNothingIsLostAndNothingFloods) {
  ASSERT_TRUE(link_.install(one_way()).value());
  const auto packet = net::parse_packet("udp 10.0.0.1:4000 -> 10.0.0.2:5000").value();
  net::Packet sent = packet;
  sent.dst_mac = net::MacAddress::from_u64(kTo);
  const tests::Frame frame = net::build_frame(sent);
  const tests::Wire from(ovs_.netns(), "p1");
  const tests::Wire to(ovs_.netns(), "p2");
  const auto arrives = [&] {
    if (!from.put(frame)) return false;
    for (auto taken = to.take(); taken; taken = to.take()) {
      if (*taken == frame) return true;  // else something of the host's own
    }
    return false;
  };
  ASSERT_TRUE(arrives());

  link_.hang_up();
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  std::uint64_t count = 0;
  while (!floods("alone")) {
    ASSERT_TRUE(arrives()) << "packet " << count;
    ++count;
    ASSERT_LT(std::chrono::steady_clock::now(), give_up);
  }
  EXPECT_GT(count, 10U);
  EXPECT_TRUE(arrives());
  EXPECT_FALSE(floods("ix"));

  // And then it is read, and right.
  std::vector<std::string> events;
  fabric_.on_event = [&events](const std::string& text) { events.push_back(text); };
  ASSERT_TRUE(link_.run_until([this] { return fabric_.in_sync(); }));
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back(), "switch read flows=1 foreign=0 right=1 wanted=1");
  EXPECT_TRUE(arrives());
}

}  // namespace
}  // namespace fabrix::fabric
