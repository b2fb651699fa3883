// What the controller knows of queries: they count over changes of policies, refused ones too.
#include <gtest/gtest.h>

#include "controller/controller.h"
#include "fabric/simulated.h"
#include "tests/controller/two_members.h"

namespace fabrix::controller {
namespace {

constexpr const char* kCountWeb = "outbound = match(dstport=80) >> count_packets(1s) as web";

class ControllerQueriesTest : public ::testing::Test {
 protected:
  void set_policy(const char* name, const char* text) {
    ASSERT_TRUE(controller_.set_policy(exchange_.find_participant(name)->id, text, "policy"));
    controller_.settle(Controller::Clock::now());
  }

  void send() {
    net::Packet packet = net::parse_packet("tcp 100.0.0.1:40000 -> 140.0.0.1:80").value();
    packet.in_port = exchange_.find_router("a1")->port;
    packet.src_mac = exchange_.find_router("a1")->mac;
    packet.dst_mac = exchange_.find_router("b1")->mac;
    EXPECT_EQ(fabric_.send(packet).output, exchange_.find_router("b1")->port);
  }

  // Of all queries, in order.
  std::vector<std::uint64_t> packets() {
    controller_.read_queries();
    std::vector<std::uint64_t> all;
    for (const QueryReport& each : controller_.queries()) all.push_back(each.total.packets);
    return all;
  }
  using Packets = std::vector<std::uint64_t>;

  exchange::Exchange exchange_ = two_members();
  fabric::SimulatedFabric fabric_;
  Controller controller_{exchange_, fabric_};
};

TEST_F(ControllerQueriesTest, CountsWhatIsSentAndWhatIsDelivered) {
  set_policy("A", kCountWeb);
  set_policy("B", "inbound = (from(A) >> count_bytes(1s) as from_a) + (count_bytes(1s) as all)");
  EXPECT_EQ(controller_.counters().refused, 0U);
  send();
  send();
  EXPECT_EQ(packets(), (Packets{2, 2, 2}));
}

TEST_F(ControllerQueriesTest, AQueryThatStaysGoesOn) {
  set_policy("A", kCountWeb);
  send();
  EXPECT_EQ(packets(), Packets{1});
  set_policy(
      "A", "outbound = (match(dstport=80) >> count_packets(1s) as web) + (count_packets(1s) as x)");
  send();
  EXPECT_EQ(packets(), (Packets{2, 1}));
  set_policy("A", "outbound = match(dstport=81) >> count_packets(1s) as web");
  send();
  EXPECT_EQ(packets(), Packets{0});
}

TEST_F(ControllerQueriesTest, APolicyThatIsTakenBackHasLostNothing) {
  set_policy("A", kCountWeb);
  send();
  EXPECT_EQ(packets(), Packets{1});
  fabric_.refuse_next_install(Error{"no"});
  set_policy("A", "outbound = count_packets(1s) as other");
  EXPECT_EQ(packets().size(), 1U);
  controller_.settle(Controller::Clock::now());
  EXPECT_EQ(packets(), Packets{1});
}

TEST_F(ControllerQueriesTest, CountsClausesWhereThePolicySaysSo) {
  set_policy("B",
             "#pragma count = clauses\n"
             "inbound = (match(dstport=80) >> fwd(b1)) + (match(dstport=25) >> drop)");
  EXPECT_EQ(controller_.counters().refused, 0U);
  send();
  send();
  EXPECT_EQ(packets(), (Packets{2, 0}));
  EXPECT_EQ(controller_.queries()[0].label, "dstport=80 -> b1");
  // It stands elsewhere, and says the same.
  set_policy("B",
             "#pragma count = clauses\n"
             "inbound = (match(dstport=25) >> drop) // (match(dstport=80) >> fwd(b1))");
  send();
  EXPECT_EQ(packets(), (Packets{0, 3}));
  set_policy("B", "inbound = match(dstport=80) >> fwd(b1)");
  EXPECT_TRUE(packets().empty());
}

TEST_F(ControllerQueriesTest, WithoutQueriesNothingIsAsked) {
  set_policy("A", "outbound = match(dstport=80) >> drop");
  EXPECT_TRUE(packets().empty());
}

}  // namespace
}  // namespace fabrix::controller
