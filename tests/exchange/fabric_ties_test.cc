#include "exchange/fabric_ties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exchange/fabric_text.h"
#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Of the route server, a1 and b1, in a text that load() takes.
std::string attaches(const std::string& text) {
  EXPECT_EQ(complaints(text), "");
  const FabricTies ties = fabric_ties_of(text);
  std::string words;
  for (const auto* const router : {"", "a1", "b1"}) {
    words += (words.empty() ? "" : " ") + std::string(name_of(ties.of(router)));
  }
  return words;
}

TEST(FabricTiesTest, APortIsAttachedAsItSaysOrElseAsTheFabric) {
  EXPECT_EQ(attaches(with_fabric("{type: linux, interfaces: p%d}")), "tc tc tc");
  EXPECT_EQ(attaches(with_fabric("", "", ", attach: xdp")), "tc xdp tc");
  EXPECT_EQ(attaches(with_fabric("{attach: xdp}", ", attach: tc", "", ", attach: tc")),
            "tc xdp tc");
  EXPECT_EQ(attaches(with_fabric("{attach: xdp}", "", ", vlan: 7")), "xdp xdp xdp");
  EXPECT_EQ(attaches(with_fabric("", "", ", attach: tc, vlan: 7")), "tc tc tc");
}

TEST(FabricTiesTest, SwitchesHaveDatabases) {
  const std::string text = with_fabric(
      "{ovsdb: ['unix:/run/ovs/db.sock', 'tcp:[2001:db8::7]:6640'], set_fail_mode: true}");
  EXPECT_EQ(complaints(text), "");
  const FabricTies ties = fabric_ties_of(text);
  ASSERT_EQ(ties.ovsdb.size(), 2U);
  EXPECT_EQ(to_string(ties.ovsdb[0]), "unix:/run/ovs/db.sock");
  EXPECT_EQ(to_string(ties.ovsdb[1]), "tcp:[2001:db8::7]:6640");
  EXPECT_TRUE(ties.set_fail_mode);
  EXPECT_FALSE(fabric_ties_of(with_fabric("{ovsdb: 'unix:/run/ovs/db.sock'}")).set_fail_mode);
  EXPECT_EQ(complaints(with_fabric("{set_fail_mode: false}")), "");
}

TEST(FabricTiesTest, SaysWhatIsWrong) {
  const auto said = [](const std::string& text) {
    const auto exchange = load(text, "exchange.yaml");
    if (exchange || exchange.error().size() != 1) return std::string("nothing, or more");
    return exchange.error().front().code + " " + exchange.error().front().message;
  };
  EXPECT_EQ(said(with_fabric("{attach: driver}")), "C0116 'driver' is none of tc, xdp");
  EXPECT_EQ(said(with_fabric("", ", attach: generic")), "C0116 'generic' is none of tc, xdp");
  EXPECT_EQ(said(with_fabric("", "", ", attach: xdp, vlan: 7")),
            "C0140 a port with a vlan is not at XDP");
  for (const std::string bad : {"/run/db.sock", "tcp:192.0.2.1", "ssl:192.0.2.1:6640"}) {
    EXPECT_EQ(said(with_fabric("{ovsdb: '" + bad + "'}")),
              "C0114 '" + bad + "' is no server of switches' databases");
  }
  EXPECT_EQ(said(with_fabric("{set_fail_mode: true}")), "C0140 set_fail_mode without ovsdb");
  EXPECT_EQ(said(with_fabric("{type: linux, interfaces: p%d, ovsdb: 'unix:/a'}")),
            "C0140 a Linux fabric has no switches");
  EXPECT_EQ(complaints(with_fabric("", "", ", attach: [tc, xdp]")), "C0112");
}

TEST(FabricTiesTest, WhatCannotBeReadSaysNothing) {
  for (const std::string text : {"", "{", "[1]", "exchange: {fabric: [1]}", "participants: 3"}) {
    EXPECT_EQ(fabric_ties_of(text), FabricTies{}) << text;
  }
}

TEST(FabricTiesTest, AReloadSaysWhatIsDifferent) {
  const auto lines = [](const std::string& was, const std::string& is) {
    std::vector<std::string> all;
    for (const Change& each : differences(fabric_ties_of(was), fabric_ties_of(is))) {
      all.push_back(to_string(each));
    }
    return all;
  };
  const std::string was =
      with_fabric("{attach: tc, ovsdb: 'unix:/a'}", ", attach: tc", "", ", attach: tc");
  EXPECT_THAT(lines(was, was), IsEmpty());
  EXPECT_THAT(lines(was, with_fabric("{attach: xdp, ovsdb: 'unix:/b', set_fail_mode: true}")),
              ElementsAre("fabric: attach tc -> xdp", "fabric: ovsdb [unix:/a] -> [unix:/b]",
                          "fabric: set_fail_mode false -> true",
                          "route server: attach tc -> as the fabric's",
                          "router b1: attach tc -> as the fabric's"));
}

}  // namespace
}  // namespace fabrix::exchange
