#include "fabric/openflow_network.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/fabric/leaf_spine.h"
#include "tests/openflow/fake_switch.h"

namespace fabrix::fabric {
namespace {

using openflow::FlowMod;
using openflow::tests::FakeSwitch;
using openflow::tests::kBadAtCommit;
using std::chrono::seconds;

// One row for frames that come in by each of these ports, of this priority.
program::ProgramPtr program_of(const std::vector<std::uint64_t>& ports, std::uint16_t priority) {
  auto made = std::make_shared<program::Program>();
  for (const std::uint64_t port : ports) {
    program::Row row;
    row.priority = priority;
    row.match.exact(net::Field::kInPort, port);
    row.next = program::Output{net::PortNo{4}};
    made->table(program::TableId::kAdmit).push_back(row);
  }
  made->canonicalize();
  return made;
}

class OpenFlowNetworkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    network_.on_notice = [this](Severity severity, const std::string& text) {
      notices_.push_back((severity == Severity::kWarning ? "warning: " : "") + text);
    };
  }

  struct Peer {
    FakeSwitch device{openflow::Version::kOpenFlow14};
    OpenFlowNetwork::ConnectionId id;
  };

  std::unique_ptr<Peer> make_peer(std::uint64_t datapath_id) {
    auto peer = std::make_unique<Peer>();
    peer->device.datapath_id = datapath_id;
    for (const std::uint32_t number : {11U, 12U, 21U, 22U, 31U, 32U}) {
      openflow::PortDesc port;
      port.number = net::PortNo{number};
      peer->device.ports.push_back(port);
    }
    peer->id = network_.connected(now_);
    return peer;
  }

  void connect_all() {
    for (SwitchIndex at = 0; at < peers_.size(); ++at) {
      peers_[at] = make_peer(leaf_spine().switches[at].datapath_id);
    }
    exchange();
    for (const auto& peer : peers_) peer->device.flows.clear();
  }

  bool turn(Peer& peer) {
    const auto out = network_.take_output(peer.id);
    peer.device.feed(out);
    const auto in = peer.device.take_output();
    if (!in.empty()) network_.feed(peer.id, in, now_);
    return !out.empty() || !in.empty();
  }

  void exchange() {
    for (bool busy = true; busy;) {
      busy = false;
      for (const auto& peer : peers_) busy = (peer && turn(*peer)) || busy;
    }
  }

  // A second passes: each switch sends its probes, and those over links not in `lost` arrive.
  void probe_all(const std::set<LinkIndex>& lost) {
    now_ += seconds(1);
    network_.tick(now_);
    exchange();
    const Topology topology = leaf_spine();
    for (LinkIndex link = 0; link < topology.links.size(); ++link) {
      if (lost.contains(link)) continue;
      for (const std::size_t side : {0U, 1U}) {
        deliver(topology, topology.links[link][side], topology.links[link][1 - side]);
      }
    }
    exchange();
  }

  // What `from` has sent last by its link arrives at `to`, if it has sent something.
  void deliver(const Topology& topology, const LinkEnd& from, const LinkEnd& to) {
    for (const openflow::Body& body : peers_[from.at]->device.heard) {
      const auto* const sent = std::get_if<openflow::PacketOut>(&body);
      const auto probe = sent == nullptr ? std::nullopt : decode_probe(sent->data);
      if (!probe || probe->port != from.port) continue;
      EXPECT_EQ(probe->datapath_id, topology.switches[from.at].datapath_id);
      openflow::PacketIn arrived{.data = sent->data};
      arrived.match.set(openflow::OxmField::kInPort, to.port.value);
      return peers_[to.at]->device.send(0, arrived);
    }
    ADD_FAILURE() << "nothing was sent";
  }

  std::shared_ptr<std::optional<Result<void>>> install(program::ProgramPtr program) {
    auto answer = std::make_shared<std::optional<Result<void>>>();
    network_.install(std::move(program),
                     [answer](Result<void> outcome) { *answer = std::move(outcome); });
    exchange();
    return answer;
  }

  // The priorities of what reached a switch since the last call, negative: removed.
  std::vector<int> take_mods(SwitchIndex at) {
    std::vector<int> mods;
    for (const FlowMod& mod : std::exchange(peers_[at]->device.flows, {})) {
      const bool removal = mod.command == openflow::FlowCommand::kDeleteStrict;
      mods.push_back(removal ? -mod.priority : mod.priority);
    }
    return mods;
  }

  OpenFlowNetwork::Time now_{};
  OpenFlowNetwork network_{leaf_spine()};
  std::array<std::unique_ptr<Peer>, 4> peers_;
  std::vector<std::string> notices_;
};

using Mods = std::vector<int>;

TEST_F(OpenFlowNetworkTest, EachSwitchGetsItsShareAndCoresNothing) {
  connect_all();
  const auto answer = install(program_of({1, 2, 3}, 10));
  ASSERT_TRUE(*answer && **answer);
  EXPECT_EQ(take_mods(kE1), (Mods{10, 10}));
  EXPECT_EQ(take_mods(kE2), Mods{10});
  EXPECT_EQ(take_mods(kC1), Mods{});
  EXPECT_EQ(network_.status(),
            "openflow: 4 of 4 switches connected\n"
            "  e1: connected, datapath 00000000000000e1, 2 flows\n"
            "  e2: connected, datapath 00000000000000e2, 1 flows\n"
            "  c1: connected, datapath 00000000000000c1, 0 flows\n"
            "  c2: connected, datapath 00000000000000c2, 0 flows");
}

// In the exchange's numbers, and without the ports between switches.
TEST_F(OpenFlowNetworkTest, TellsWhatThePortsOfAllSwitchesHaveCounted) {
  connect_all();
  const Topology topology = leaf_spine();
  std::uint64_t packets = 0;
  for (const SwitchIndex at : {kE1, kE2}) {
    for (const auto& [port, own] : topology.switches.at(at).ports) {
      peers_[at]->device.port_stats.push_back({.number = own, .received_packets = ++packets});
    }
    peers_[at]->device.port_stats.push_back({.number = net::PortNo{21}, .received_packets = 99});
  }
  network_.read_port_counts();
  exchange();
  network_.read_port_counts();
  const PortCounts counts = network_.port_counts();
  EXPECT_EQ(counts.size(), packets);
  std::uint64_t expected = 0;
  for (const SwitchIndex at : {kE1, kE2}) {
    for (const auto& [port, own] : topology.switches.at(at).ports) {
      EXPECT_EQ(counts.at(port).in.packets, ++expected);
    }
  }
}

TEST_F(OpenFlowNetworkTest, WhenOneRefusesTheOthersGetTheOldProgramBack) {
  connect_all();
  install(program_of({1, 3}, 10));
  take_mods(kE1);
  take_mods(kE2);
  auto bad = std::make_shared<program::Program>(*program_of({1}, 20));
  bad->table(program::TableId::kAdmit)
      .push_back(program_of({3}, kBadAtCommit)->table(program::TableId::kAdmit).own()[0]);
  bad->canonicalize();
  const auto answer = install(bad);
  ASSERT_TRUE(*answer && !**answer);
  EXPECT_EQ((*answer)->error().message.substr(0, 3), "e2:");
  EXPECT_EQ(take_mods(kE1), (Mods{-10, 20, -20, 10}));
  EXPECT_EQ(take_mods(kE2), Mods{});
  EXPECT_TRUE(**install(program_of({1, 3}, 30)));
}

TEST_F(OpenFlowNetworkTest, ASwitchThatIsAwayIsCorrectedWhenItComes) {
  peers_[kE1] = make_peer(0xe1);
  exchange();
  EXPECT_TRUE(**install(program_of({1, 3}, 10)));
  peers_[kE2] = make_peer(0xe2);
  exchange();
  const auto mods = take_mods(kE2);
  EXPECT_EQ(std::count(mods.begin(), mods.end(), 10), 1);
}

TEST_F(OpenFlowNetworkTest, UnknownSwitchesAreRefusedAndSecondConnectionsReplaceTheFirst) {
  connect_all();
  auto stranger = make_peer(0xbad);
  while (turn(*stranger)) {
  }
  EXPECT_TRUE(network_.wants_close(stranger->id));
  const std::string refusal =
      "warning: refused a switch that is not configured: datapath 0000000000000bad";
  EXPECT_EQ(notices_.back(), refusal);
  auto again = make_peer(0xbad);
  while (turn(*again)) {
  }
  EXPECT_EQ(std::ranges::count(notices_, refusal), 1) << "once";

  const auto first = peers_[kE1]->id;
  peers_[kE1] = make_peer(0xe1);
  exchange();
  EXPECT_TRUE(network_.wants_close(first));
  EXPECT_FALSE(network_.wants_close(peers_[kE1]->id));
  EXPECT_EQ(notices_.back(), "switch e1 is connected anew");
  network_.disconnected(first);
  EXPECT_TRUE(network_.is_connected());
  network_.disconnected(peers_[kE1]->id);
  EXPECT_FALSE(network_.is_connected());
  EXPECT_FALSE(network_.switches()[kE1].is_right);
  EXPECT_TRUE(network_.switches()[kE2].is_right);
  EXPECT_EQ(notices_.back(), "warning: switch e1 is gone: it forwards as it did");
}

TEST_F(OpenFlowNetworkTest, AFailedLinkChangesTheGroupsOfTheOthers) {
  connect_all();
  ASSERT_EQ(peers_[kE2]->device.groups.at(0).buckets.size(), 2U);
  openflow::PortStatus down;
  down.port.number = net::PortNo{31};  // of c1, to e1
  down.port.state = openflow::kLinkDown;
  peers_[kC1]->device.send(0, down);
  exchange();
  EXPECT_EQ(peers_[kE2]->device.groups.at(0).buckets.size(), 1U);
  EXPECT_EQ(notices_.back(), "warning: link e1:21-c1:31 is not used: port 31 of c1 is down");
  EXPECT_NE(network_.status().find("\n  link e1:21-c1:31: port 31 of c1 is down"),
            std::string::npos);
  EXPECT_EQ(network_.links()[0].name, "e1:21-c1:31");
  EXPECT_FALSE(network_.links()[0].is_right);
  EXPECT_TRUE(network_.links()[1].is_right);
  down.port.state = 0;
  peers_[kC1]->device.send(0, down);
  exchange();
  EXPECT_EQ(peers_[kE2]->device.groups.at(0).buckets.size(), 2U);
  EXPECT_EQ(notices_.back(), "link e1:21-c1:31 is used again");
}

TEST_F(OpenFlowNetworkTest, ASilentLinkIsAvoidedWhereThereIsAnotherWay) {
  connect_all();
  for (int i = 0; i < 6; ++i) probe_all({1});
  EXPECT_EQ(notices_.back(),
            "warning: link e1:22-c2:31 is avoided: no probe arrives at port 22 of e1");
  const auto& buckets = peers_[kE2]->device.groups.at(0).buckets;
  ASSERT_EQ(buckets.size(), 1U);
  EXPECT_EQ(buckets[0].watch_port, net::PortNo{21});
  probe_all({});
  EXPECT_EQ(notices_.back(), "link e1:22-c2:31 is used again");
  EXPECT_EQ(peers_[kE2]->device.groups.at(0).buckets.size(), 2U);
}

TEST_F(OpenFlowNetworkTest, LinksThatAreAllSilentAreUsed) {
  connect_all();
  for (int i = 0; i < 6; ++i) probe_all({0, 1, 2, 3});
  EXPECT_EQ(peers_[kE2]->device.groups.at(0).buckets.size(), 2U);
  EXPECT_NE(network_.status().find("link e1:21-c1:31: no probe arrives"), std::string::npos);
}

TEST_F(OpenFlowNetworkTest, AControllerThatWasBusyFindsNothingSilent) {
  connect_all();
  probe_all({});
  now_ += seconds(60);
  probe_all({0, 1, 2, 3});
  EXPECT_EQ(network_.status().find("no probe"), std::string::npos);
}

// What the flow that counts at e1 says when it goes.
TEST_F(OpenFlowNetworkTest, CountsOfSwitchesAreSummedAndForgottenWithTheirQueries) {
  connect_all();
  const QueryKey key{.owner = net::ParticipantId{3}, .query = 7};
  program::Row row;
  row.priority = 10;
  row.match.exact(net::Field::kInPort, 1);
  row.queries = {key.query};
  row.origin = {.kind = program::Origin::Kind::kQuery, .participant = key.owner, .clause = 0};
  row.next = program::Output{net::PortNo{4}};
  auto counting = std::make_shared<program::Program>();
  counting->table(program::TableId::kSent).push_back(row);
  counting->canonicalize();
  for (const std::uint64_t packets : {5U, 3U}) {
    ASSERT_TRUE(**install(counting));
    ASSERT_EQ(peers_[kE1]->device.flows.size(), 1U);
    const FlowMod flow = peers_[kE1]->device.flows.front();
    ASSERT_TRUE(**install(program_of({}, 1)));
    peers_[kE1]->device.send(0, openflow::FlowRemoved{.cookie = flow.cookie,
                                                      .priority = flow.priority,
                                                      .table_id = flow.table_id,
                                                      .packet_count = packets,
                                                      .byte_count = 64 * packets,
                                                      .match = flow.match});
    exchange();
    network_.read_query_counts();
    EXPECT_EQ(network_.query_counts().at(key).packets, packets);
    network_.forget_queries({});
    EXPECT_TRUE(network_.query_counts().empty());
    peers_[kE1]->device.flows.clear();
  }
}

}  // namespace
}  // namespace fabrix::fabric
