#include "policy/fsm_policy.h"

#include <random>

#include <gtest/gtest.h>

#include "policy/interpret.h"
#include "tests/policy/policy_world.h"

namespace fabrix::policy {
namespace {

constexpr std::string_view kCampus = R"(
event authenticated : bool
event infected : bool
event load : {low, high}

let web = match(dstport=80)

fsm auth per srcip {
  var state : {out, in} = out
  on authenticated when value { state = in }
  on authenticated { state = out }
  policy = case { state == in -> identity; else -> drop }
  check AG (state == out -> EX state == in)
}
fsm ids per (srcip, dstport) {
  var infected : bool
  on infected { infected = value }
  policy = case { infected -> drop; else -> identity }
}
fsm gate per web {
  var load : {low, high}
  on load { load = value }
  policy = case { load == low -> fwd(B); load == high -> fwd(C) }
}
outbound = auth >> ids >> gate
         // in_state(auth, state == in) & web >> fwd(C)
)";

std::shared_ptr<const FsmPolicy> fsms_of(std::string_view text) {
  return parsed(text).fsms;
}

ClassKey source(std::string_view address) {
  return {*net::IpAddress::parse(address)};
}

net::Packet packet_from(std::string_view address, std::uint16_t port) {
  net::Packet packet;
  packet.eth_type = net::kEthTypeIpv4;
  packet.protocol = net::kProtocolTcp;
  packet.src_ip = *net::IpAddress::parse(address);
  packet.dst_ip = net::IpAddress::v4({140, 0, 0, 1});
  packet.src_port = 1024;
  packet.dst_port = port;
  return packet;
}

constexpr PacketContext kContext{{0}, nullptr};

std::string decision(const ClauseList& list, const net::Packet& packet) {
  const auto everything = [](net::ParticipantId, const net::Packet&) { return true; };
  const auto found = first_applicable(list, packet, kContext, everything);
  if (!found) return "default";
  if (std::holds_alternative<Drop>(found->verdict)) return "drop";
  const auto* forward = std::get_if<Forward>(&found->verdict);
  return forward == nullptr ? "identity" : name_of(forward->target, world("A"));
}

TEST(FsmPolicy, StartsInTheInitialStates) {
  const Parsed read = parsed(kCampus);
  ASSERT_NE(read.fsms, nullptr);
  EXPECT_TRUE(read.diagnostics.empty()) << rendered(read.diagnostics, kCampus);
  EXPECT_EQ(decision(read.policy.outbound, packet_from("10.0.0.1", 80)), "drop");
  EXPECT_EQ(parsed("outbound = drop").fsms, nullptr);
}

TEST(FsmPolicy, EachInstanceIsInAStateOfItsOwn) {
  const auto fsms = fsms_of(kCampus);
  auto instances = fsms->no_instances();
  instances[0] = {{source("10.0.0.1"), 1}, {source("2001:db8::1"), 1}};
  instances[1] = {{{*net::IpAddress::parse("10.0.0.1"), std::uint64_t{443}}, 1}};
  const auto policy = fsms->read(instances);
  ASSERT_TRUE(policy);
  EXPECT_EQ(decision(policy->outbound, packet_from("10.0.0.1", 80)), "B");
  EXPECT_EQ(decision(policy->outbound, packet_from("10.0.0.1", 443)), "drop");
  EXPECT_EQ(decision(policy->outbound, packet_from("10.0.0.2", 80)), "drop");
  net::Packet v6 = packet_from("10.0.0.1", 80);
  v6.eth_type = net::kEthTypeIpv6;
  v6.src_ip = *net::IpAddress::parse("2001:db8::1");
  v6.dst_ip = *net::IpAddress::parse("2001:db8::2");
  EXPECT_EQ(decision(policy->outbound, v6), "B");
}

TEST(FsmPolicy, AMachinePerPredicateIsInItsInitialStateForAllOthers) {
  const auto fsms = fsms_of(kCampus);
  auto instances = fsms->no_instances();
  instances[0] = {{source("10.0.0.1"), 1}};
  instances[2] = {{ClassKey{}, 1}};
  const auto policy = fsms->read(instances);
  ASSERT_TRUE(policy);
  EXPECT_EQ(decision(policy->outbound, packet_from("10.0.0.1", 80)), "C");
  EXPECT_EQ(decision(policy->outbound, packet_from("10.0.0.1", 22)), "B");
}

// Whatever the instances, a packet is treated as if all packets were in the states of its own.
TEST(FsmPolicy, APacketSeesOnlyTheStatesOfItsInstances) {
  constexpr unsigned kSeed = 42;
  std::mt19937 random(kSeed);
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  const auto fsms = fsms_of(kCampus);
  const auto address = [&random] { return "10.0.0." + std::to_string(1 + random() % 4); };
  constexpr std::array<std::uint16_t, 3> kPorts{80, 443, 22};
  for (int i = 0; i < 200; ++i) {
    auto instances = fsms->no_instances();
    for (int j = 0; j < 3; ++j) {
      instances[0][source(address())] = 1;
      instances[1][{*net::IpAddress::parse(address()), std::uint64_t{kPorts.at(random() % 3)}}] = 1;
    }
    if (random() % 2 == 0) instances[2][ClassKey{}] = 1;
    const auto policy = fsms->read(instances);
    ASSERT_TRUE(policy);
    for (int j = 0; j < 20; ++j) {
      const std::string from = address();
      const std::uint16_t port = kPorts.at(random() % 3);
      const ClassKey flow{*net::IpAddress::parse(from), std::uint64_t{port}};
      const Combination own{instances[0].contains(source(from)) ? 1U : 0U,
                            instances[1].contains(flow) ? 1U : 0U,
                            port == 80 && instances[2].contains(ClassKey{}) ? 1U : 0U};
      Report report("");
      const Assembly alone = fsms->read(own, report);
      EXPECT_EQ(decision(policy->outbound, packet_from(from, port)),
                decision(alone.policy.outbound, packet_from(from, port)));
    }
  }
}

TEST(FsmPolicy, AChangeOfStateChangesNoTarget) {
  const auto fsms = fsms_of(kCampus);
  const auto policy = fsms->read(fsms->no_instances());
  ASSERT_TRUE(policy);
  std::set<Target> targets;
  for (const Clause& clause : policy->foreseen) {
    if (const auto* forward = std::get_if<Forward>(&clause.verdict))
      targets.insert(forward->target);
  }
  EXPECT_EQ(targets.size(), 2U);
}

TEST(FsmPolicy, TellsApartOnlyWhatReadsDifferently) {
  EXPECT_EQ(fsms_of(kCampus)->combinations().size(), 8U);
  const auto counter = fsms_of(
      "event e : bool\nfsm f {\nvar n : 0..99\non e { n = n + 1 }\n"
      "policy = case { n < 50 -> identity; else -> drop }\n}\noutbound = f");
  EXPECT_EQ(counter->combinations().size(), 2U);
  EXPECT_EQ(counter->describe(counter->combinations()[1]), "f: n=50");
}

TEST(FsmPolicy, KnowsWhetherAPacketMayComeToAnotherInstance) {
  EXPECT_FALSE(fsms_of(kCampus)->may_reclassify());
  const std::string gate =
      "event e : bool\nfsm f per dstip {\nvar n : bool\non e { n = value }\n"
      "policy = case { n -> fwd(B); else -> fwd(C) }\n}\noutbound = ";
  EXPECT_FALSE(fsms_of(gate + "f")->may_reclassify());
  EXPECT_TRUE(fsms_of(gate + "modify(dstip=1.2.3.4) >> f")->may_reclassify());
}

TEST(FsmPolicy, WhatIsWrongInARareStateIsFoundWhenTheTextIsRead) {
  constexpr std::string_view kRare =
      "event e : bool\nfsm f {\nvar n : 0..9\non e { n = n + 1 }\n"
      "policy = case {\nn == 9 -> modify(dstip=1.2.3.4) >> dst_in(prefixes(B))\nelse -> drop }\n}\n"
      "outbound = f >> fwd(B)";
  const auto found = reported(kRare);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].code, "P0309");
  EXPECT_EQ(found[0].at.line, 6U);
}

TEST(FsmPolicy, SaysWhatMakesNoSense) {
  struct Case {
    std::string_view text;
    std::string_view codes;
  };
  const std::string many = [] {
    std::string text = "event e : bool\n";
    std::string use = "outbound = fwd(B)";
    for (int i = 0; i < 8; ++i) {
      const std::string name = "f" + std::to_string(i);
      text += "fsm " + name + " { var x : bool\non e { x = value }\n" +
              "policy = case { x -> drop; else -> identity } }\n";
      use += " + " + name;
    }
    return text + use;
  }();
  for (const Case& each : {
           Case{"event e : bool\noutbound = fwd(B)", "P0508"},
           Case{"fsm f { policy = drop }\noutbound = fwd(B)", "P0507"},
           Case{"outbound = f\nfsm f { policy = drop }", "P0209"},
           Case{"fsm f { policy = g }\noutbound = f", "P0203"},
           Case{"fsm f { policy = fwd(A) }\noutbound = f", "P0304"},
           Case{"fsm f per web { policy = drop }\noutbound = f", "P0203"},
           Case{"fsm f per fwd(B) { policy = drop }\noutbound = f", "P0204"},
           Case{"fsm f { policy = drop }\noutbound = f & match(dstport=80)", "P0204"},
           Case{"let f = drop\noutbound = in_state(f, x) >> drop", "P0204"},
           Case{"outbound = in_state(f, x) >> drop", "P0203"},
           Case{"fsm f { policy = drop }\noutbound = in_state(f, x) >> f", "P0502"},
           Case{"fsm f { policy = drop }\nfsm f { policy = drop }\noutbound = f", "P0210"},
           Case{many, "P0510"},
       }) {
    SCOPED_TRACE(each.text);
    EXPECT_EQ(codes(each.text), each.codes) << rendered(reported(each.text), each.text);
  }
}

TEST(FsmPolicy, WhatIsWrongElsewhereHidesNothing) {
  // The section cannot be read; the fsm can.
  EXPECT_EQ(codes("event e : bool\nevent e : bool\nfsm f { var x : bool\non e { x = value }\n"
                  "policy = drop }\noutbound = f >>\n"),
            "P0503 P0101");
  EXPECT_EQ(codes("event e : bool\nfsm f { var x : bool\non e { y = value }\n"
                  "policy = drop }\noutbound = f >>\n"),
            "P0502 P0101");
  // A property fails; the states are known.
  EXPECT_EQ(codes("event e : bool\nfsm f { var x : 0..9\non e { x = x + 1 }\n"
                  "policy = identity\ncheck AG x == 0 }\n"
                  "outbound = in_state(f, y == 3) >> fwd(B)\n"),
            "P0505 P0502");
  // An event is lost: who listens to it makes no mistake. So is an fsm.
  EXPECT_EQ(codes("event e : int\nfsm f { var x : bool\non e { x = value }\npolicy = f }\n"
                  "outbound = f\n"),
            "P0101");
  EXPECT_EQ(codes("event e : bool\nfsm f { var x : int\non e { x = value }\npolicy = drop }\n"
                  "outbound = in_state(f, x) >> drop\n"),
            "P0101");
}

TEST(FsmPolicy, ClauseBoundsHoldInEveryState) {
  const auto fsms = fsms_of(kCampus);
  auto instances = fsms->no_instances();
  for (int i = 0; i < 3000; ++i) {
    instances[1][{net::IpAddress::v4({10, 0, static_cast<std::uint8_t>(i / 256),
                                      static_cast<std::uint8_t>(i % 256)}),
                  std::uint64_t{80}}] = 1;
  }
  EXPECT_TRUE(fsms->read(instances));
}

TEST(FsmPolicy, WarnsOfReadingsThatDifferInSomeState) {
  EXPECT_EQ(codes("event e : bool\nfsm f { var x : bool\non e { x = value }\n"
                  "policy = case { x -> identity; else -> drop } }\n"
                  "outbound = match(dstport=80) >> fwd(B) + match(dstport=443) >> f"),
            "P0302");
}

}  // namespace
}  // namespace fabrix::policy
