// What the kernel does with a packet is what the Program means (program::evaluate): on random
// exchanges with random policies, compiled by the compiler, through random changes; and it reads
// frames as net/frame.h does.
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fabric/port_tags.h"
#include "net/flow_hash.h"
#include "program/drop.h"
#include "tests/controller/linux_world.h"
#include "tests/verify/compiled_world.h"
#include "tests/verify/random_middleboxes.h"

namespace fabrix::controller::tests {
namespace {

using verify::CompiledWorld;

constexpr std::uint32_t kFirstSeed = 4000;
constexpr std::uint32_t kSeeds = 12;
constexpr int kRounds = 4;
constexpr std::size_t kShortest = 60;    // a frame, IEEE 802.3 without FCS
constexpr int kPacketsPerRound = 620;    // of each kind
constexpr int kReturnedPerRound = 10;    // by each middlebox
constexpr std::uint32_t kFirstBox = 30;  // of their ports
constexpr std::uint32_t kPastBoxes = 54;

std::string describe(const net::Packet& packet, const program::Outcome& outcome) {
  std::string text =
      fmt::format("{} from port {}, {} to {}\n", net::to_string(packet), packet.in_port.value,
                  packet.src_mac.to_string(), packet.dst_mac.to_string());
  for (const program::Step& step : outcome.steps) {
    text += fmt::format("  {} {}\n", program::name_of(step.table),
                        step.row != nullptr ? program::to_string(*step.row) : "no row");
  }
  return text;
}

void change(CompiledWorld& compiled, int round) {
  if (round == 0) compiled.set_policy(compiled.random.replace_policy());
  if (round == 1) compiled.compiler.routes_changed(compiled.random.change_routes());
  if (round == 2) {
    const auto [router, is_up] = compiled.random.flip_port();
    compiled.compiler.set_port(router, is_up);
  }
  compiled.compile();
}

std::vector<net::Packet> packets_of(CompiledWorld& compiled) {
  std::vector<net::Packet> packets;
  for (int i = 0; i < kPacketsPerRound; ++i) {
    const exchange::Router& from = compiled.random.any_router();
    net::Packet packet = compiled.random.routed_packet(from.id);
    if (const auto mac = compiled.mac_for(from.participant, packet.dst_ip)) {
      packet.dst_mac = *mac;
      packets.push_back(packet);
    }
    packets.push_back(compiled.random.lan_frame(from.id));
  }
  for (const net::RouterId box : compiled.random.middleboxes()) {
    for (int i = 0; i < kReturnedPerRound; ++i) {
      net::Packet packet = verify::returned_by_route(compiled.random, box);
      const auto owner = compiled.random.exchange().router(box).participant;
      if (const auto mac = compiled.mac_for(owner, packet.dst_ip)) {
        packet.dst_mac = *mac;
        packets.push_back(packet);
      }
      packets.push_back(verify::returned_frame(compiled.random, box));
    }
  }
  return packets;
}

// Every third port has a tag.
fabric::PortTags tags_of(const exchange::Exchange& exchange) {
  fabric::PortTags tags;
  for (const exchange::Router& router : exchange.routers) {
    const std::uint32_t port = router.port.value;
    if (port % 3 == 0) tags.emplace(router.port, static_cast<std::uint16_t>(100 + port));
  }
  return tags;
}

class LinuxDifferentialTest : public LinuxWorld {
 protected:
  void add_ports(const exchange::Exchange& exchange) {
    tags_ = tags_of(exchange);
    for (const exchange::Router& router : exchange.routers) {
      add_port(router.port.value, 0, 0, fabric::tag_of(tags_, router.port));
    }
    add_port(exchange.route_server.port.value);
  }

  // The buckets of meters are full again.
  void refill(const program::Outcome& outcome) const {
    for (const program::Step& step : outcome.steps) {
      if (step.row == nullptr || !step.row->meter) continue;
      ASSERT_TRUE(datapath_->map("meters").put_value(step.row->meter->id, std::uint64_t{0}));
    }
  }

  // What queries, clauses and drops are to have counted of it.
  void expect_counts(const program::Outcome& outcome) {
    for (const program::Step& step : outcome.steps) {
      if (step.row == nullptr) continue;
      for (const std::uint64_t query : step.row->queries) {
        ++wanted_counts_[{step.row->origin.participant, query}];
      }
    }
  }

  void compare_counts() {
    Counts counts;
    for (const auto& [key, count] : counted()) {
      if (count.packets != 0) counts[key] = count.packets;
      if (!program::drop_of(key.query)) counted_ += count.packets;
    }
    EXPECT_EQ(counts, std::exchange(wanted_counts_, {}));
  }

  // As members send it. A foreign tag stays; where one is needed it is missing instead, now and
  // then.
  net::Packet on_wire(net::Packet packet) const {
    const std::uint16_t tag = fabric::tag_of(tags_, packet.in_port);
    if (tag == 0 || packet.vlan_id != 0 || compared_ % 16 == 0) return packet;
    packet.vlan_id = tag;
    packet.vlan_pcp = static_cast<std::uint8_t>(compared_ % 8);
    return packet;
  }

  static bool is_unannounced(const program::Outcome& outcome) {
    const program::Row* const last = outcome.steps.empty() ? nullptr : outcome.steps.back().row;
    if (last == nullptr || last->queries.size() != 1) return false;
    const auto drop = program::drop_of(last->queries.front());
    return drop && drop->reason == program::DropReason::kUnannounced;
  }

  // A tag that the kernel puts on stays beside the frame until it leaves.
  void compare(const program::Program& program, const net::Packet& sent) {
    const auto frame = net::build_frame(on_wire(sent));
    net::Packet packet = *net::parse_frame(frame);
    packet.in_port = sent.in_port;
    if (fabric::tag_of(tags_, packet.in_port) != 0) ++tagged_;
    const bool is_from_box = packet.in_port.value >= kFirstBox && packet.in_port.value < kPastBoxes;
    if (is_from_box && fabric::tag_of(tags_, packet.in_port) != 0) ++returned_with_tags_;
    packet = fabric::as_admitted(tags_, packet);
    packet = net::hashed(packet);
    const auto outcome = program::evaluate(program, packet);
    SCOPED_TRACE(describe(packet, outcome));
    refill(outcome);
    const Became became =
        at_xdp_ ? send_by_xdp(packet.in_port.value, frame) : send(packet.in_port.value, frame);
    const auto wanted = leaving_of(outcome);
    EXPECT_EQ(became.leaving, wanted);
    EXPECT_EQ(became.to_controller, outcome.to_controller);
    if (!became.leaving.empty() && packet.protocol != net::kProtocolSctp) {
      auto wanted_frame = net::build_frame(written(packet, became.last));
      // What was padded with its tag is shorter without.
      if (frame.size() == kShortest) wanted_frame.resize(became.frame.size());
      EXPECT_EQ(became.frame, wanted_frame);
    }
    expect_counts(outcome);
    ++compared_;
    if (outcome.output) ++delivered_;
    if (outcome.to_controller) ++punted_;
    if (is_unannounced(outcome)) ++unannounced_;
    copies_ += outcome.copies.size();
  }

  void run(verify::RandomWorld::Middleboxes middleboxes, std::uint32_t first,
           std::uint32_t seeds = kSeeds,
           verify::RandomWorld::Sources sources = verify::RandomWorld::Sources::kAny) {
    for (std::uint32_t seed = first; seed < first + seeds; ++seed) {
      SCOPED_TRACE(fmt::format("seed {}", seed));
      CompiledWorld compiled(seed, middleboxes, sources);
      add_ports(compiled.random.exchange());
      for (int round = 0; round < kRounds; ++round) {
        SCOPED_TRACE(fmt::format("round {}", round));
        ASSERT_NO_FATAL_FAILURE(install(compiled.program));
        for (const net::Packet& packet : packets_of(compiled)) {
          compare(compiled.program, packet);
          if (HasFailure()) return;
        }
        compare_counts();
        change(compiled, round);
      }
    }
    std::cout << fmt::format(
        "seeds from {}: {} packets, {} delivered, {} copies, {} punted, {} "
        "ended at XDP\n",
        first, compared_, delivered_, copies_, punted_, ended_at_xdp_);
  }

  // What goes on from XDP meets tc as if XDP had not been there.
  void run_at_xdp(verify::RandomWorld::Middleboxes middleboxes, std::uint32_t first) {
    at_xdp_ = true;
    datapath_->attach(exchange::FabricAttach::kXdp);
    run(middleboxes, first, 1);
    EXPECT_GT(compared_, 3'000U);
    EXPECT_GT(delivered_, compared_ / 4);
    EXPECT_GT(ended_at_xdp_, compared_ / 4);
    EXPECT_LT(ended_at_xdp_, compared_);
  }

  using Counts = std::map<fabric::QueryKey, std::uint64_t>;  // packets

  bool at_xdp_ = false;
  Counts wanted_counts_;
  fabric::PortTags tags_;
  std::size_t compared_ = 0;
  std::size_t counted_ = 0;  // for queries and clauses
  std::size_t tagged_ = 0;
  std::size_t returned_with_tags_ = 0;  // came in by a middlebox port with a tag
  std::size_t unannounced_ = 0;         // dropped for where they come from
  std::size_t delivered_ = 0;
  std::size_t copies_ = 0;
  std::size_t punted_ = 0;
};

TEST_F(LinuxDifferentialTest, TheKernelDoesWhatTheProgramMeans) {
  run(verify::RandomWorld::Middleboxes::kNone, kFirstSeed);
  EXPECT_GT(compared_, 50'000U);
  EXPECT_GT(delivered_, compared_ / 4);
  EXPECT_GT(counted_, compared_ / 4);
  EXPECT_GT(copies_, 400U);
  EXPECT_GT(punted_, 100U);
}

TEST_F(LinuxDifferentialTest, TheKernelDoesWhatTheProgramMeansWithMiddleboxes) {
  run(verify::RandomWorld::Middleboxes::kSome, kFirstSeed + kSeeds);
  EXPECT_GT(compared_, 50'000U);
  EXPECT_GT(returned_with_tags_, 300U);
}

TEST_F(LinuxDifferentialTest, TheKernelLetsInWhatComesFromWhereItMay) {
  run(verify::RandomWorld::Middleboxes::kSome, kFirstSeed, kSeeds / 3,
      verify::RandomWorld::Sources::kChecked);
  EXPECT_GT(compared_, 10'000U);
  EXPECT_GT(unannounced_, 500U);
  EXPECT_GT(delivered_, 500U);
}

TEST_F(LinuxDifferentialTest, XdpAndTcTogetherDoWhatTheProgramMeans) {
  run_at_xdp(verify::RandomWorld::Middleboxes::kNone, kFirstSeed + 2 * kSeeds);
}

TEST_F(LinuxDifferentialTest, XdpAndTcTogetherDoWhatTheProgramMeansWithMiddleboxes) {
  run_at_xdp(verify::RandomWorld::Middleboxes::kSome, kFirstSeed + 3 * kSeeds);
}

}  // namespace
}  // namespace fabrix::controller::tests
