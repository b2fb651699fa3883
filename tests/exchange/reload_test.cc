#include "exchange/reload.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// kGood with C on the LAN, and `replace` there replaced.
std::string text_with(std::string_view replace = "", std::string_view by = "") {
  std::string text(kGood);
  text +=
      "    routers:\n"
      "      - {name: c1, mac: \"08:00:27:00:00:0c\", addresses: [172.0.0.21], port: 3}\n";
  const std::size_t where = text.find(replace);
  EXPECT_NE(where, std::string::npos) << replace;
  return text.replace(where, replace.size(), by);
}

Reload planned(const std::string& was, const std::string& is) {
  auto reload = plan(loaded(was), loaded(is));
  EXPECT_TRUE(reload) << reload.error().front().message;
  return reload ? *std::move(reload) : Reload{};
}

std::vector<std::string> lines_of(const Reload& reload) {
  std::vector<std::string> lines;
  for (const Change& change : reload.changes) lines.push_back(to_string(change));
  return lines;
}

std::vector<std::string> sessions_of(const Reload& reload) {
  constexpr std::array<std::string_view, 4> kNames{"added", "removed", "reset", "reevaluate"};
  std::vector<std::string> lines;
  for (const SessionChange& change : reload.sessions) {
    lines.push_back(change.address.to_string() + " " +
                    std::string(kNames.at(static_cast<std::size_t>(change.effect))));
  }
  return lines;
}

TEST(ReloadTest, TheSameIsNoChange) {
  const Reload reload = planned(text_with(), text_with());
  EXPECT_THAT(reload.changes, IsEmpty());
  EXPECT_THAT(reload.sessions, IsEmpty());
}

TEST(ReloadTest, FiltersThatChangeAreAppliedWithoutAReset) {
  const Reload reload =
      planned(text_with("- name: B\n", "- name: B\n    import: {max_prefix: {ipv4: 1000}}\n"),
              text_with("- name: B\n", "- name: B\n    import: {max_prefix: {ipv4: 2000}}\n"));
  EXPECT_THAT(lines_of(reload), ElementsAre("participant B: max_prefix.ipv4 1000 -> 2000"));
  EXPECT_THAT(sessions_of(reload), ElementsAre("172.0.0.11 reevaluate"));
}

TEST(ReloadTest, WhatThePeerWasToldResetsItsSessions) {
  for (const std::string_view session :
       {"gtsm: true", "md5_password: x", "hold_time: 30", "add_path: true", "role: false",
        "extended_next_hop: true", "extended_messages: false", "flowspec: true",
        "graceful_restart: 0", "long_lived: 60"}) {
    SCOPED_TRACE(session);
    const Reload reload = planned(
        text_with(),
        text_with("- name: A\n", "- name: A\n    session: {" + std::string(session) + "}\n"));
    EXPECT_EQ(reload.changes.size(), 1U);
    EXPECT_THAT(sessions_of(reload), ElementsAre("172.0.0.1 reset", "2001:db8::1 reset"));
  }
}

TEST(ReloadTest, WhatWasNotToldResetsNothing) {
  const Reload reload =
      planned(text_with(),
              text_with("- name: A\n", "- name: A\n    session: {send_hold: 500, dial: active}\n"));
  EXPECT_THAT(lines_of(reload), ElementsAre("participant A: send_hold none -> 500",
                                            "participant A: dial passive -> active"));
  EXPECT_THAT(reload.sessions, IsEmpty());
}

TEST(ReloadTest, PasswordsAreNotShown) {
  const Reload reload =
      planned(text_with("- name: B\n", "- name: B\n    session: {md5_password: old}\n"),
              text_with("- name: B\n", "- name: B\n    session: {md5_password: new}\n"));
  EXPECT_THAT(lines_of(reload), ElementsAre("participant B: md5_password changed"));
  EXPECT_THAT(sessions_of(reload), ElementsAre("172.0.0.11 reset"));
}

TEST(ReloadTest, AnotherAsNumberResets) {
  const Reload reload = planned(text_with(), text_with("asn: 100", "asn: 101"));
  EXPECT_THAT(lines_of(reload), ElementsAre("participant A: asn 100 -> 101"));
  EXPECT_THAT(sessions_of(reload), ElementsAre("172.0.0.1 reset", "2001:db8::1 reset"));
}

TEST(ReloadTest, PeersAndPoliciesAreToldAnew) {
  EXPECT_THAT(lines_of(planned(text_with(), text_with("peers: [B, C]", "peers: [C]"))),
              ElementsAre("participant A: peers [B, C] -> [C]"));
  EXPECT_THAT(sessions_of(planned(text_with(), text_with("    peers: [B, C]\n", ""))),
              ElementsAre("172.0.0.1 reevaluate", "2001:db8::1 reevaluate"));
  const Reload policy = planned(text_with(), text_with("policies/A.policy", "A2.policy"));
  EXPECT_THAT(lines_of(policy),
              ElementsAre("participant A: policy policies/A.policy -> A2.policy"));
  EXPECT_THAT(policy.sessions, IsEmpty()) << "policies are not BGP's";
}

TEST(ReloadTest, RoutersComeAndGo) {
  const std::string more = text_with(
      "    asn: 200\n    routers:\n",
      "    asn: 200\n    routers:\n"
      "      - {name: b2, mac: \"08:00:27:00:00:0d\", addresses: [172.0.0.12], port: 4}\n");
  const Reload added = planned(text_with(), more);
  EXPECT_THAT(lines_of(added), ElementsAre("router b2: added to B, 172.0.0.12"));
  EXPECT_THAT(sessions_of(added), ElementsAre("172.0.0.12 added"));
  EXPECT_EQ(added.sessions[0].router, added.exchange.find_router("b2")->id);
  const Reload removed = planned(more, text_with());
  EXPECT_THAT(lines_of(removed), ElementsAre("router b2: removed"));
  EXPECT_THAT(sessions_of(removed), ElementsAre("172.0.0.12 removed"));
  EXPECT_FALSE(removed.exchange.router(removed.sessions[0].router).present);
}

TEST(ReloadTest, ParticipantsComeAndGo) {
  std::string without = text_with("[B, C]", "[B]");
  without.resize(without.find("  - name: C"));
  const Reload removed = planned(text_with("[B, C]", "[B]"), without);
  EXPECT_THAT(lines_of(removed), ElementsAre("participant C: removed", "router c1: removed"));
  EXPECT_THAT(sessions_of(removed), ElementsAre("172.0.0.21 removed"));
  const Reload back = plan(removed.exchange, loaded(text_with("[B, C]", "[B]"))).value();
  EXPECT_THAT(lines_of(back),
              ElementsAre("participant C: added, AS200", "router c1: added to C, 172.0.0.21"));
  EXPECT_THAT(sessions_of(back), ElementsAre("172.0.0.21 added"));
  EXPECT_EQ(back.exchange.find_participant("C")->id, net::ParticipantId{2});
}

TEST(ReloadTest, ARouterMayChangeItsAddressMacAndPort) {
  const Reload reload =
      planned(text_with(),
              text_with("\"08:00:27:00:00:0c\", addresses: [172.0.0.21], port: 3",
                        "\"08:00:27:00:00:0e\", addresses: [172.0.0.21, 172.0.0.22], port: 5"));
  EXPECT_THAT(lines_of(reload), ElementsAre("router c1: mac 08:00:27:00:00:0c -> 08:00:27:00:00:0e",
                                            "router c1: port 3 -> 5",
                                            "router c1: addresses 172.0.0.21 -> 172.0.0.21, "
                                            "172.0.0.22"));
  EXPECT_THAT(sessions_of(reload), ElementsAre("172.0.0.21 reevaluate", "172.0.0.22 added"))
      << "strict next hops are the router's addresses";
}

TEST(ReloadTest, NextHopsOfOthersAreJudgedAnewWhenAddressesMove) {
  const std::string lax = text_with("- name: B\n", "- name: B\n    import: {next_hop: any}\n");
  std::string moved = lax;
  moved.replace(moved.find("172.0.0.21"), 10, "172.0.0.22");
  EXPECT_THAT(sessions_of(planned(lax, moved)),
              ElementsAre("172.0.0.11 reevaluate", "172.0.0.21 removed", "172.0.0.22 added"));
}

TEST(ReloadTest, AnAddressThatMovesToAnotherRouterIsReset) {
  const Reload reload = planned(text_with(), text_with("name: c1", "name: c2"));
  EXPECT_THAT(sessions_of(reload), ElementsAre("172.0.0.21 reset"));
  EXPECT_EQ(reload.sessions[0].router, reload.exchange.find_router("c2")->id);
}

TEST(ReloadTest, WhatChangesForEveryoneIsSaidOnce) {
  const Reload reload =
      planned(text_with("port: 179}", "port: 179, policy: minimal}"),
              text_with("port: 179}", "port: 179, policy: ixp, session: {gtsm: true}}"));
  const auto lines = lines_of(reload);
  EXPECT_THAT(lines, ::testing::Contains("route server: policy minimal -> ixp"));
  EXPECT_THAT(lines, ::testing::Contains("defaults: gtsm false -> true"));
  EXPECT_THAT(lines, ::testing::Contains("defaults: prefix_length.ipv4 0..32 -> 8..24"));
  EXPECT_THAT(lines, ::testing::Not(::testing::Contains(::testing::HasSubstr("participant"))));
  EXPECT_EQ(reload.sessions.size(), 4U);
}

TEST(ReloadTest, TheLimitOfInstancesChangesAtOnce) {
  const Reload reload =
      planned(text_with(), text_with("  asn: 65000\n", "  asn: 65000\n  fsm_instances: 9\n"));
  EXPECT_THAT(lines_of(reload), ElementsAre("exchange: fsm_instances 4096 -> 9"));
  EXPECT_THAT(reload.sessions, IsEmpty());
  EXPECT_EQ(reload.exchange.fsm_instances, 9U);
}

TEST(ReloadTest, InterfacesMayChange) {
  const std::string was =
      text_with("  asn: 65000\n", "  asn: 65000\n  fabric: {interfaces: p%d}\n");
  std::string is = was;
  is.replace(is.find("p%d"), 3, "swp%d");
  is.replace(is.find("port: 2"), 7, "port: 2, interface: eth7, vlan: 100");
  const Reload reload = planned(was, is);
  EXPECT_THAT(lines_of(reload),
              ElementsAre("fabric: interfaces p%d -> swp%d", "router b1: interface none -> eth7",
                          "router b1: vlan none -> 100"));
  EXPECT_THAT(reload.sessions, IsEmpty());
}

TEST(ReloadTest, LongValuesAreNotSpelledOut) {
  const Reload reload =
      planned(text_with(), text_with("port: 179}", "port: 179, import: {transit_free: default}}"));
  EXPECT_THAT(lines_of(reload), ElementsAre("defaults: transit_free changed"));
}

TEST(ReloadTest, DataSourcesAreListed) {
  const Reload reload =
      planned(text_with(), text_with("port: 179}", "port: 179, rpki: {caches: 192.0.2.1}}"));
  EXPECT_THAT(lines_of(reload), ElementsAre("route server: rpki.caches [] -> [192.0.2.1:323]"));
  EXPECT_THAT(reload.sessions, IsEmpty());
}

TEST(ReloadTest, SomeThingsNeedARestartAndAllOfThemAreSaid) {
  const auto reload =
      plan(loaded(text_with()), loaded(text_with("asn: 65000\n  router_id: 172.0.255.254\n",
                                                 "asn: 65001\n  router_id: 172.0.255.253\n")));
  ASSERT_FALSE(reload);
  ASSERT_EQ(reload.error().size(), 2U);
  EXPECT_EQ(reload.error()[0].message,
            "the exchange's AS number cannot change without a restart: 65000 -> 65001");
  EXPECT_EQ(reload.error()[1].message,
            "the router id cannot change without a restart: 172.0.255.254 -> 172.0.255.253");
  for (const auto& [was, is] : std::vector<std::pair<std::string_view, std::string_view>>{
           {"172.0.0.0/16", "172.0.0.0/15"},
           {"172.0.1.0/24", "172.0.2.0/24"},
           {"addresses: [172.0.255.254]", "addresses: [172.0.255.253]"},
           {"port: 179", "port: 1179"},
           {"port: 179", "port: 179, fabric_port: 9"},
           {"port: 179", "port: 179, mac: \"08:00:27:00:00:ff\""},
           {"  asn: 65000\n", "  asn: 65000\n  fabric: {type: linux, interfaces: p%d}\n"},
           {"  asn: 65000\n", "  asn: 65000\n  fabric: {generation: 2}\n"},
           {"  asn: 65000\n", "  asn: 65000\n  fabric: {pins: /run/bpf}\n"}}) {
    const auto one = plan(loaded(text_with()), loaded(text_with(was, is)));
    ASSERT_FALSE(one) << is;
    EXPECT_EQ(one.error().size(), 1U) << is;
  }
}

}  // namespace
}  // namespace fabrix::exchange
