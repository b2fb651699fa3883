// What a packet's fate is, said by four: the meaning of the policies (verify::deliver), the
// Program, the simulated fabric, and the real Open vSwitch that was given the Program by
// OpenFlowFabric. On random exchanges, through random changes.
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fabric/openflow_fabric.h"
#include "fabric/simulated.h"
#include "net/flow_hash.h"
#include "tests/fabric/on_open_vswitch.h"
#include "tests/fabric/ovs_tracer.h"
#include "tests/verify/compiled_world.h"
#include "tests/verify/copies.h"
#include "tests/verify/random_middleboxes.h"
#include "verify/reference.h"

namespace fabrix::fabric {
namespace {

using verify::CompiledWorld;
using verify::Reason;

constexpr int kRounds = 4;
constexpr int kPacketsPerRound = 200;  // of each kind
constexpr int kReturnedPerRound = 40;  // by each middlebox

// A packet as it enters the fabric, and what should become of it.
struct Case {
  net::Packet packet;
  net::RouterId from;
  bool is_routed = false;
  verify::Delivery wanted{};
};

// What middleboxes give back, or try to.
void add_returned(CompiledWorld& compiled, std::vector<Case>& cases) {
  for (const net::RouterId box : compiled.random.middleboxes()) {
    net::Packet packet = verify::returned_by_route(compiled.random, box);
    const auto owner = compiled.random.exchange().router(box).participant;
    if (const auto mac = compiled.mac_for(owner, packet.dst_ip)) {
      packet.dst_mac = *mac;
      cases.push_back({.packet = packet, .from = box, .is_routed = true});
    }
    const net::Packet frame = verify::returned_frame(compiled.random, box);
    cases.push_back({.packet = frame, .from = box, .is_routed = false});
  }
}

std::vector<Case> cases_of(CompiledWorld& compiled) {
  std::vector<Case> cases;
  for (int i = 0; i < kReturnedPerRound; ++i) add_returned(compiled, cases);
  for (int i = 0; i < kPacketsPerRound; ++i) {
    const exchange::Router& from = compiled.random.any_router();
    net::Packet packet = compiled.random.routed_packet(from.id);
    if (const auto mac = compiled.mac_for(from.participant, packet.dst_ip)) {
      packet.dst_mac = *mac;
      cases.push_back({.packet = packet, .from = from.id, .is_routed = true});
    }
    const net::Packet frame = compiled.random.lan_frame(from.id);
    cases.push_back({.packet = frame, .from = from.id, .is_routed = false});
  }
  return cases;
}

// Every third port has a tag.
PortTags tags_of(const exchange::Exchange& exchange) {
  PortTags tags;
  for (const exchange::Router& router : exchange.routers) {
    const std::uint32_t port = router.port.value;
    if (port % 3 == 0) tags.emplace(router.port, static_cast<std::uint16_t>(100 + port));
  }
  return tags;
}

// As members send it. A foreign tag stays; where one is needed it is missing instead, now and then.
net::Packet on_wire(const PortTags& tags, net::Packet packet, std::size_t number) {
  const std::uint16_t tag = tag_of(tags, packet.in_port);
  if (tag == 0 || packet.vlan_id != 0 || number % 16 == 0) return packet;
  packet.vlan_id = tag;
  packet.vlan_pcp = static_cast<std::uint8_t>(number % 8);
  return packet;
}

// Without the tag of the port that it leaves by, which it has to have.
net::Packet untagged(const PortTags& tags, net::PortNo port, net::Packet packet) {
  EXPECT_EQ(packet.vlan_id, tag_of(tags, port));
  packet.vlan_id = 0;
  return packet;
}

// In the buckets that the switch chose, by a hash of its own: six bits of the register for each
// key. Those that it was not told to choose are 0.
net::Packet in_buckets_of(const Traced& traced, net::Packet packet) {
  const auto found = traced.final_flow.find("reg0");
  const std::uint64_t chosen =
      found == traced.final_flow.end() ? 0 : std::stoull(found->second, nullptr, 16);
  for (const net::HashKey key : net::kHashKeys) {
    const unsigned offset = 6 * static_cast<unsigned>(key);
    net::set_value(packet, net::bucket_field(key), chosen >> offset & 0x3fU);
  }
  return packet;
}

std::optional<net::PortNo> port_of(const exchange::Exchange& exchange,
                                   const verify::Delivery& delivery) {
  if (delivery.to_route_server) return exchange.route_server.port;
  if (!delivery.router) return std::nullopt;
  return exchange.router(*delivery.router).port;
}

std::string describe(const program::Outcome& outcome) {
  std::string text;
  for (const program::Step& step : outcome.steps) {
    text += fmt::format("  {} {}\n", program::name_of(step.table),
                        step.row != nullptr ? program::to_string(*step.row) : "no row");
  }
  return text;
}

std::string describe(const net::Packet& packet) {
  return fmt::format("{} from port {}, {} to {}, vlan {}", net::to_string(packet),
                     packet.in_port.value, packet.src_mac.to_string(), packet.dst_mac.to_string(),
                     packet.vlan_id);
}

// The headers that a policy can rewrite, as ovs-ofctl writes them.
std::map<std::string, std::string> rewritable(const net::Packet& packet) {
  std::map<std::string, std::string> headers{{"dl_src", packet.src_mac.to_string()},
                                             {"dl_dst", packet.dst_mac.to_string()}};
  if (packet.vlan_id != 0) headers["dl_vlan"] = std::to_string(packet.vlan_id);
  const bool is_v4 = packet.eth_type == net::kEthTypeIpv4;
  if (!is_v4 && packet.eth_type != net::kEthTypeIpv6) return headers;
  headers[is_v4 ? "nw_src" : "ipv6_src"] = packet.src_ip.to_string();
  headers[is_v4 ? "nw_dst" : "ipv6_dst"] = packet.dst_ip.to_string();
  headers["nw_tos"] = std::to_string(packet.dscp << 2U);
  if (packet.protocol == net::kProtocolTcp || packet.protocol == net::kProtocolUdp) {
    headers["tp_src"] = std::to_string(packet.src_port);
    headers["tp_dst"] = std::to_string(packet.dst_port);
  }
  return headers;
}

// The simulated fabric against the meaning.
void expect_meaning(const verify::World& world, const PortTags& tags, const Case& one,
                    const program::Outcome& outcome) {
  const exchange::Exchange& exchange = *world.exchange;
  auto copies = outcome.copies;
  for (program::Copy& copy : copies) copy.packet = untagged(tags, copy.port, copy.packet);
  std::erase_if(copies, [&](const program::Copy& copy) {
    return !world.port_up[exchange.find_router(copy.port)->id.index()];
  });
  EXPECT_EQ(verify::lines_of(copies, {}), verify::lines_of(one.wanted.copies, one.packet.dst_mac));
  const auto port = port_of(exchange, one.wanted);
  EXPECT_EQ(outcome.output, port) << verify::describe(one.wanted.reason);
  EXPECT_EQ(outcome.to_controller, one.wanted.reason == Reason::kAnsweredByFabrix);
  if (port && outcome.output == port) {
    EXPECT_EQ(untagged(tags, *port, outcome.packet), one.wanted.packet);
  }
}

// Open vSwitch against the simulated fabric.
void expect_same(const program::Outcome& outcome, Traced traced) {
  std::vector<std::uint32_t> outputs;
  if (outcome.output) outputs.push_back(outcome.output->value);
  for (const program::Copy& copy : outcome.copies) outputs.push_back(copy.port.value);
  std::ranges::sort(outputs);
  std::ranges::sort(traced.outputs);
  EXPECT_EQ(traced.outputs, outputs) << traced.text;
  EXPECT_EQ(traced.to_controller, outcome.to_controller) << traced.text;
  // Where copies were made, the flow at the end is not the packet's alone.
  const bool forked = std::ranges::any_of(outcome.steps, [](const program::Step& step) {
    return step.row != nullptr && std::holds_alternative<program::Fork>(step.row->next);
  });
  if (!outcome.output || forked) return;
  for (const auto& [name, value] : rewritable(outcome.packet)) {
    const auto found = traced.final_flow.find(name);
    ASSERT_NE(found, traced.final_flow.end()) << name << " in " << traced.text;
    EXPECT_EQ(found->second, value) << name << " in " << traced.text;
  }
}

// All ports that a random exchange can have.
std::vector<net::PortNo> random_ports() {
  constexpr std::uint32_t kMostRouters = 8 * 3;
  std::vector<net::PortNo> ports{net::PortNo{4094}};
  constexpr std::uint32_t kMostMiddleboxes = 8 * 3;
  for (std::uint32_t i = 0; i < kMostMiddleboxes; ++i) ports.push_back(net::PortNo{30 + i});
  for (std::uint32_t i = 1; i <= kMostRouters; ++i) ports.push_back(net::PortNo{i});
  return ports;
}

class DifferentialTest : public OnOpenVswitch, public ::testing::WithParamInterface<std::uint32_t> {
 protected:
  DifferentialTest() : OnOpenVswitch(random_ports()) {}

  void SetUp() override {
    OnOpenVswitch::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_TRUE(tracer_.connect_to(ovs_.run_directory() + "/vswitchd.ctl"));
  }

  void install(const program::Program& program) {
    const auto shared = std::make_shared<const program::Program>(program);
    const auto outcome = link_.install(shared);
    ASSERT_TRUE(outcome);
    ASSERT_TRUE(*outcome) << outcome->error().message;
    simulated_.install(shared, [](const Result<void>&) {});
  }

  void compare(CompiledWorld& compiled) {
    std::vector<net::Packet> packets;
    auto cases = cases_of(compiled);
    packets.reserve(cases.size());
    for (const Case& one : cases) packets.push_back(on_wire(tags_, one.packet, packets.size()));
    simulated_.hash_by([](const net::Packet& packet) { return packet; });
    const verify::World world = compiled.random.world();
    const bool answered = tracer_.trace("ix", packets, [&](std::size_t i, const Traced& traced) {
      if (!HasFailure()) compare(world, cases[i], packets[i], traced);
    });
    ASSERT_TRUE(answered);
  }

  void compare(const verify::World& world, Case& one, const net::Packet& sent,
               const Traced& traced) {
    one.packet = in_buckets_of(traced, as_admitted(tags_, sent));
    one.wanted = one.is_routed ? deliver(world, one.from, one.packet)
                               : deliver_to_mac(world, one.from, one.packet);
    // What goes through a middlebox keeps what the sender's router wrote.
    if (one.wanted.packet.dst_mac == net::MacAddress{}) {
      one.wanted.packet.dst_mac = one.packet.dst_mac;
    }
    const auto outcome = simulated_.send(in_buckets_of(traced, sent));
    expect_same(outcome, traced);
    // Where the addressed router's port is down, control traffic may stop, or go to the
    // participant's next port as data does.
    const bool open = one.wanted.reason == Reason::kNoPortUp && !one.wanted.target;
    if (!open) expect_meaning(world, tags_, one, outcome);
    count(one, sent, outcome);
    if (HasFailure()) ADD_FAILURE() << describe(sent) << "\n" << describe(outcome);
  }

  void count(const Case& one, const net::Packet& sent, const program::Outcome& outcome) {
    ++compared_;
    if (tag_of(tags_, sent.in_port) != 0) ++tagged_;
    if (one.packet.buckets != net::Packet{}.buckets) ++hashed_;
    if (outcome.output) ++delivered_;
    if (one.wanted.reason == Reason::kUnannounced) ++unannounced_;
    if (outcome.output && outcome.output->value >= 30 && outcome.output->value < 54) {
      ++detoured_;
      if (tag_of(tags_, *outcome.output) != 0) ++detoured_with_tags_;
    }
    copies_ += static_cast<int>(outcome.copies.size());
    metered_ += static_cast<int>(verify::meters_of(outcome).size());
  }

  using Middleboxes = verify::RandomWorld::Middleboxes;
  using Sources = verify::RandomWorld::Sources;

  // On so many worlds from GetParam() on.
  void run(std::uint32_t seeds, Middleboxes middleboxes, Sources sources = Sources::kAny);

  OvsTracer tracer_;
  SimulatedFabric simulated_;
  PortTags tags_;
  int compared_ = 0;
  int tagged_ = 0;  // came in by a port with a tag
  int delivered_ = 0;
  int copies_ = 0;
  int metered_ = 0;
  int hashed_ = 0;
  int detoured_ = 0;            // put out at a middlebox
  int detoured_with_tags_ = 0;  // likewise, with that port's tag
  int unannounced_ = 0;         // dropped for where they come from
};

void change(CompiledWorld& compiled, int round) {
  if (round == 0) compiled.set_policy(compiled.random.replace_policy());
  if (round == 1) compiled.compiler.routes_changed(compiled.random.change_routes());
  if (round == 2) {
    const auto [router, is_up] = compiled.random.flip_port();
    compiled.compiler.set_port(router, is_up);
  }
  compiled.compile();
}

void DifferentialTest::run(std::uint32_t seeds, Middleboxes middleboxes, Sources sources) {
  for (std::uint32_t seed = GetParam(); seed < GetParam() + seeds; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    CompiledWorld compiled(seed, middleboxes, sources);
    tags_ = tags_of(compiled.random.exchange());
    fabric_.set_tags(tags_);
    simulated_.set_tags(tags_);
    for (int round = 0; round < kRounds; ++round) {
      SCOPED_TRACE(fmt::format("round {}", round));
      ASSERT_NO_FATAL_FAILURE(install(compiled.program));
      ASSERT_NO_FATAL_FAILURE(compare(compiled));
      if (HasFailure()) return;
      change(compiled, round);
    }
  }
  std::cout << fmt::format(
      "seeds from {}: {} packets, {} tagged, {} delivered, {} copies, {} metered, {} hashed, "
      "{} detoured, {} of them tagged\n",
      GetParam(), compared_, tagged_, delivered_, copies_, metered_, hashed_, detoured_,
      detoured_with_tags_);
}

// All of them compare 100,000 packets and more.
constexpr std::uint32_t kFirstSeed = 1000;
constexpr std::uint32_t kSeeds = 60;
constexpr std::uint32_t kSeedsATest = 4;
constexpr std::uint32_t kBoxSeeds = 12;
constexpr std::uint32_t kBoxSeedsATest = 4;
constexpr std::uint32_t kSourceSeeds = 5;

class PlainDifferentialTest : public DifferentialTest {};

TEST_P(PlainDifferentialTest, PoliciesProgramSimulationAndOpenVswitchAgree) {
  run(kSeedsATest, Middleboxes::kNone);
  EXPECT_GT(compared_, 5000);
  EXPECT_GT(delivered_, compared_ / 4);
  EXPECT_GT(tagged_, 500);
  EXPECT_GT(copies_ + metered_ + hashed_, 200);
}

INSTANTIATE_TEST_SUITE_P(Seeds, PlainDifferentialTest,
                         ::testing::Range(kFirstSeed, kFirstSeed + kSeeds, kSeedsATest));

class BoxDifferentialTest : public DifferentialTest {};

TEST_P(BoxDifferentialTest, PoliciesProgramSimulationAndOpenVswitchAgreeOnMiddleboxes) {
  run(kBoxSeedsATest, Middleboxes::kSome);
  EXPECT_GT(compared_, 6000);
  EXPECT_GT(detoured_, 20);
}

INSTANTIATE_TEST_SUITE_P(Seeds, BoxDifferentialTest,
                         ::testing::Range(kFirstSeed, kFirstSeed + kBoxSeeds, kBoxSeedsATest));

class SourceDifferentialTest : public DifferentialTest {};

TEST_P(SourceDifferentialTest,
       PoliciesProgramSimulationAndOpenVswitchAgreeOnWherePacketsMayComeFrom) {
  run(kSourceSeeds, Middleboxes::kNone, Sources::kChecked);
  EXPECT_GT(compared_, 5000);
  EXPECT_GT(unannounced_, 300);
  EXPECT_GT(delivered_, 300);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SourceDifferentialTest, ::testing::Values(kFirstSeed));

}  // namespace
}  // namespace fabrix::fabric
