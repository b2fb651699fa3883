#include "exchange/switch_reader.h"

#include <random>
#include <set>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "exchange/reload.h"
#include "exchange/settings.h"
#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

constexpr std::uint32_t kSeed = 20261121;

// kGood, whose ports are 1, 2 and 4094, with this section `fabric`.
std::string with_fabric(const std::string& fabric) {
  std::string text(kGood);
  return text.insert(text.find("  asn: 65000\n"), "  fabric: {" + fabric + "}\n");
}

std::string with_switches(const std::string& switches, const std::string& links = "") {
  return with_fabric("switches: [" + switches + "], links: [" + links + "]");
}

constexpr const char* kE1 =
    "{name: e1, datapath: \"00000000000000e1\", role: edge, ports: {1: 11, 4094: 1}}";
constexpr const char* kE2 = "{name: e2, datapath: \"00000000000000E2\", ports: [2]}";
constexpr const char* kC1 = "{name: c1, datapath: 00000000000000c1, role: core}";

std::string leaf_spine() {
  return std::string(kE1) + ", " + kE2 + ", " + kC1;
}
constexpr const char* kLinks = "[e1:49, c1:1], [c1:2, e2:49]";

// The only complaint: its code, what it says, and where.
std::string complaint(const std::string& text) {
  const auto exchange = load(text, "x");
  if (exchange) return "";
  std::string all;
  for (const Diagnostic& one : exchange.error()) all += one.code + " " + one.message + "\n";
  return all;
}

TEST(SwitchReaderTest, ReadsSwitchesAndLinks) {
  const auto topology = loaded(with_switches(leaf_spine(), kLinks)).fabric.topology;
  ASSERT_EQ(topology.switches.size(), 3U);
  const auto port = [](std::uint32_t number) { return net::PortNo{number}; };
  EXPECT_EQ(topology.switches[0],
            (SwitchSpec{.name = "e1",
                        .datapath_id = 0xe1,
                        .role = SwitchRole::kEdge,
                        .ports = {{port(1), port(11)}, {port(4094), port(1)}}}));
  EXPECT_EQ(topology.switches[1],
            (SwitchSpec{.name = "e2", .datapath_id = 0xe2, .ports = {{port(2), port(2)}}}));
  EXPECT_EQ(topology.switches[2],
            (SwitchSpec{.name = "c1", .datapath_id = 0xc1, .role = SwitchRole::kCore}));
  ASSERT_EQ(topology.links.size(), 2U);
  EXPECT_EQ(describe(topology, 0), "e1:49-c1:1");
  EXPECT_EQ(describe(topology, 1), "c1:2-e2:49");
}

TEST(SwitchReaderTest, WithoutSwitchesThereIsOneThatNeedsNoName) {
  EXPECT_EQ(loaded(with_fabric("type: openflow")).fabric.topology, Topology{});
}

TEST(SwitchReaderTest, OneSwitchAloneIsAFabric) {
  const auto text =
      with_fabric("switches: [{name: s, datapath: 00000000000000f1, ports: [1, 2, 4094]}]");
  EXPECT_EQ(loaded(text).fabric.topology.switches.size(), 1U);
}

TEST(SwitchReaderTest, SaysWhatIsWrongWithASwitch) {
  const auto second = [](const std::string& e2) {
    return complaint(with_switches(std::string(kE1) + ", " + e2 + ", " + kC1, kLinks));
  };
  for (const char* id : {"e2", "0000000000000000", "'00000000000000g2'", "0x000000000000e2"}) {
    const std::string bare = id[0] == '\'' ? "00000000000000g2" : id;
    EXPECT_EQ(second("{name: e2, datapath: " + std::string(id) + ", ports: [2]}"),
              "C0146 '" + bare + "' is no datapath id\n");
  }
  EXPECT_EQ(second("{name: e2, datapath: 00000000000000e1, ports: [2]}"),
            "C0147 the datapath id 00000000000000e1 is already that of switch e1\n");
  EXPECT_EQ(second("{name: e2, ports: [2]}"), "C0111 the key 'datapath' is missing\n");
  EXPECT_EQ(second("{name: e2, datapath: 00000000000000e2, role: leaf, ports: [2]}"),
            "C0116 'leaf' is none of edge, core\n");
  EXPECT_EQ(second("{name: e2, datapath: 00000000000000e2, port: [2], ports: [2]}"),
            "C0110 unknown key 'port'\n");
  EXPECT_EQ(second("{name: e2, datapath: 00000000000000e2, role: core, ports: [2]}"),
            "C0148 core switch e2 has ports of the exchange\n");
  EXPECT_EQ(complaint(with_switches(std::string(kE1) + ", {name: e1, datapath: 00000000000000e2, "
                                                       "ports: [2]}")),
            "C0121 the name 'e1' is already that of a switch (line 4)\n");
}

TEST(SwitchReaderTest, SaysWhatIsWrongWithAPort) {
  const auto ports = [](const std::string& of_e2) {
    const std::string e2 = "{name: e2, datapath: 00000000000000e2, ports: " + of_e2 + "}";
    return complaint(with_switches(std::string(kE1) + ", " + e2 + ", " + kC1, kLinks));
  };
  EXPECT_EQ(ports("{2: 2, 4095: 3}"), "C0149 port 4095 cannot be a label between switches\n");
  EXPECT_EQ(ports("[1, 2]"), "C0150 port 1 is already at switch e1\n");
  EXPECT_EQ(ports("{2: 2, 7: 2}"), "C0151 port 2 of switch e2 is used already (line 4)\n");
  EXPECT_EQ(ports("{2: 49}"), "C0151 port 49 of switch e2 is used already (line 4)\n");
  EXPECT_EQ(ports("[3]"), "C0156 port 2 of router b1 is at no switch\n");
  EXPECT_EQ(ports("{2: 65280}"), "C0113 '65280' is not from 1 to 65279\n");
  EXPECT_EQ(ports("{two: 2}"), "C0112 expected a whole number from 1 to 65279, found 'two'\n");
  EXPECT_EQ(complaint(with_switches("{name: e1, datapath: 00000000000000e1, ports: [1, 2]}")),
            "C0156 port 4094 of the route server is at no switch\n");
}

TEST(SwitchReaderTest, SaysWhatIsWrongWithALink) {
  const auto links = [](const std::string& text) {
    return complaint(with_switches(leaf_spine(), text));
  };
  EXPECT_EQ(links("[e1:49, c2:1]"), "C0153 no switch is called 'c2'\n");
  EXPECT_EQ(links("[e1:49, c1]"), "C0152 'c1' is no end of a link\n");
  EXPECT_EQ(links("[e1:49, c1:0]"), "C0113 '0' is not from 1 to 65279\n");
  EXPECT_EQ(links("[e1:49, c1:1], [e2:49, c1:1]"),
            "C0151 port 1 of switch c1 is used already (line 4)\n");
  EXPECT_EQ(links("[e1:49, e1:50]"), "C0154 a link from switch e1 to itself\n");
  EXPECT_EQ(links("[e1:49, c1:1]"), "C0155 no path leads from switch e1 to switch e2\n");
  EXPECT_EQ(links("[e1:49, c1:1, e2:49]"),
            "C0112 expected two ends of a link: [e1:49, c1:1], found a list\n");
}

TEST(SwitchReaderTest, SwitchesAreOfAnOpenFlowFabricAndLinksOfSwitches) {
  EXPECT_EQ(complaint(with_fabric("links: [[e1:1, e2:1]]")), "C0140 links need switches\n");
  const std::string one = "switches: [{name: s, datapath: 00000000000000f1, ports: [1, 2, 4094]}]";
  EXPECT_EQ(complaint(with_fabric("type: linux, interfaces: p%d, " + one)),
            "C0140 a Linux fabric has no switches\n");
}

TEST(SwitchReaderTest, SaysWhere) {
  const std::string text = with_switches(leaf_spine(), "[e1:49, c2:1]");
  const auto exchange = load(text, "exchange.yaml");
  ASSERT_FALSE(exchange);
  const Diagnostic& one = exchange.error().front();
  EXPECT_EQ(one.at.line, 4U);
  EXPECT_EQ(one.at.column, text.find("c2:1") - text.rfind('\n', text.find("c2:1")));
  EXPECT_EQ(one.help, "known switches are e1, e2, c1");
}

// What a reload shows, read again.
TEST(SwitchReaderTest, SettingsAreWhatCouldBeWritten) {
  const FabricSite site = loaded(with_switches(leaf_spine(), kLinks)).fabric;
  std::string fabric;
  for (const Setting& one : settings_of(site)) {
    if (one.key == "switches" || one.key == "links") {
      fabric += (fabric.empty() ? "" : ", ") + one.key + ": " + one.value;
    }
  }
  EXPECT_EQ(loaded(with_fabric(fabric)).fabric, site);
}

TEST(SwitchReaderTest, AReloadRefusesAnotherTopology) {
  const Exchange running = loaded(with_switches(leaf_spine(), kLinks));
  const auto refusals = [&](const std::string& text) {
    std::string all;
    const auto plan = exchange::plan(running, loaded(text));
    if (plan) return all;
    for (const Error& error : plan.error()) all += error.message + "\n";
    return all;
  };
  const std::string why = "the fabric's switches and links cannot change without a restart: ";
  EXPECT_EQ(refusals(with_switches(leaf_spine(), kLinks)), "");
  EXPECT_EQ(refusals(with_switches(leaf_spine(), std::string(kLinks) + ", [e1:50, c1:3]")),
            why + "link e1:50-c1:3 is new\n");
  EXPECT_EQ(
      refusals(with_switches(leaf_spine() + ", {name: c2, datapath: 00000000000000c2, role: core}",
                             "[e1:49, c1:1], [c1:4, e2:49]")),
      why + "switch c2 is new\n" + why + "link c1:4-e2:49 is new\n" + why +
          "link c1:2-e2:49 is gone\n");
  EXPECT_EQ(refusals(with_fabric("type: openflow")).find(why + "switch c1 is gone\n"), 0U);
}

// Whatever is read without complaint has what exchange/topology.h promises.
TEST(SwitchReaderTest, WhatIsReadHasTheInvariants) {
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  const auto pick = [&random](unsigned bound) { return static_cast<unsigned>(random() % bound); };
  int good = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string switches;
    for (unsigned i = 0; i < 3; ++i) {
      switches +=
          fmt::format("{}{{name: s{}, datapath: {:016x}, role: {}{}}}", i == 0 ? "" : ", ",
                      pick(10) == 0 ? 0 : i, pick(10) == 0 ? 1 : i + 1, i == 2 ? "core" : "edge",
                      i == 2 ? ""
                             : fmt::format(", ports: {{{}: {}, {}: {}}}", 2 * i + 1, 1 + pick(4),
                                           i == 0 ? 2 : 4094, 5 + pick(4)));
    }
    std::string links;
    for (unsigned i = 0; i < 3; ++i) {
      links += fmt::format("{}[s{}:{}, s{}:{}]", i == 0 ? "" : ", ", pick(3), 1 + pick(12), pick(4),
                           1 + pick(12));
    }
    const auto exchange = load(with_switches(switches, links), "x");
    if (!exchange) continue;
    ++good;
    const Topology& topology = exchange->fabric.topology;
    std::set<std::string> names;
    std::set<std::uint64_t> ids;
    std::set<net::PortNo> ports;
    std::set<LinkEnd> ends;
    for (SwitchIndex at = 0; at < topology.switches.size(); ++at) {
      const SwitchSpec& spec = topology.switches[at];
      ASSERT_TRUE(names.insert(spec.name).second && ids.insert(spec.datapath_id).second);
      ASSERT_TRUE(spec.role == SwitchRole::kEdge || spec.ports.empty());
      for (const auto& [port, own] : spec.ports) {
        ASSERT_TRUE(ports.insert(port).second && ends.insert({.at = at, .port = own}).second);
      }
    }
    for (const Link& link : topology.links) {
      ASSERT_TRUE(ends.insert(link[0]).second && ends.insert(link[1]).second);
      ASSERT_NE(link[0].at, link[1].at);
    }
    ASSERT_EQ(find_apart(topology), std::nullopt);
  }
  EXPECT_GT(good, 30);
}

}  // namespace
}  // namespace fabrix::exchange
