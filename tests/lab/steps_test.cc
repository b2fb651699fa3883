#include "lab/steps.h"

#include <gtest/gtest.h>

#include "tests/lab/lab_world.h"

namespace fabrix::lab {
namespace {

TEST(LabStepsTest, ReadsEveryKindOfStepInOrder) {
  const Definition lab = testing::small_lab();
  std::string text;
  for (const Step& step : lab.steps) text += describe(step) + "\n";
  EXPECT_EQ(text,
            "one of each\n"
            "a1 has 140.0.0.0/24 | 141.0.0.1/32 via virtual next hops\n"
            "a1 has 172.0.0.0/16 on link\n"
            "a1: tcp 100.0.0.1 -> 140.0.0.1:80 arrives at b1\n"
            "a1: udp 100.0.0.1 -> 141.0.0.1:53 arrives nowhere\n"
            "b1 withdraws 140.0.0.0/24\n"
            "b1 announces 140.0.0.0/24\n"
            "the link of a1 goes down\n"
            "the daemon of b1 starts\n"
            "A sets its policy to policies/A.policy\n"
            "A removes its policy\n");
  EXPECT_EQ(lab.steps.front().line, 8U);
  const auto& traffic = std::get<TrafficStep>(lab.steps[3].action);
  EXPECT_EQ(traffic.packet.dst_port, 80);
  EXPECT_EQ(traffic.arrives, "b1");
  EXPECT_EQ(std::get<TrafficStep>(lab.steps[4].action).arrives, std::nullopt);
}

TEST(LabStepsTest, ComplainsAboutMistakes) {
  for (const testing::Mistake& mistake : std::initializer_list<testing::Mistake>{
           {"  - note: one of each", "  - nore: one of each", "C0110", 8},
           {"  - note: one of each", "  - {note: a, on_link: {router: a1, prefix: 1.0.0.0/8}}",
            "L0118", 8},
           {"  - note: one of each", "  - note: [a]", "C0112", 8},
           {"routes: {router: a1", "routes: {router: a2", "L0112", 9},
           {"via: virtual", "via: vritual", "L0112", 9},
           {"[140.0.0.0/24], [141", "[140.0.0.1/24], [141", "C0114", 9},
           {"prefix: 172.0.0.0/16", "prefix: 172.0.0.0/16, prefx: a", "C0110", 10},
           {"tcp 100.0.0.1 -> 140", "tcp 100.0.0.1 => 140", "L0113", 11},
           {"tcp 100.0.0.1 ->", "sctp 100.0.0.1 ->", "L0114", 11},
           {"tcp 100.0.0.1 ->", "tcp 100.0.0.2 ->", "L0115", 11},
           {"140.0.0.1:80", "140.0.0.2:80", "L0116", 11},
           {"arrives: b1", "arrives: b2", "L0112", 11},
           {"withdraw: {router: b1", "withdraw: {router: a1", "L0110", 13},
           {"state: down", "state: dwon", "C0112", 15},
           {"file: policies/A.policy", "file: a, remove: true", "L0111", 17},
           {"remove: true", "remove: no", "C0112", 18},
           {"{participant: A, remove", "{participant: D, remove", "L0112", 18},
       }) {
    testing::expect_complaint(mistake);
  }
}

TEST(LabStepsTest, AbuseIsOfFramesAndCountsForAReason) {
  const auto load = [](const std::string& step, const std::string& b1) {
    std::string text(testing::kExchange);
    const auto replace = [&text](std::string_view what, std::string_view by) {
      text.replace(text.find(what), what.size(), by);
    };
    replace("[172.0.0.11]", b1);
    replace("[172.0.255.254]", "[172.0.255.254, \"2001:db8:0:172::fe\"]");
    return load_definition(
        "version: 1\nlab: {description: x}\nrouters: {}\nsteps:\n  - abuse: {from: a1, " + step +
            "}\n",
        "lab.yaml", exchange::load(text, "exchange.yaml").value());
  };
  const std::string both = R"([172.0.0.11, "2001:db8:0:172::11"])";
  const auto good = load("against: b1, frames: [stp, lacp], dropped: link-control", both);
  ASSERT_TRUE(good) << render(good.error(), "");
  EXPECT_EQ(describe(good->steps[0]), "a1 sends stp lacp: nobody gets any, link-control");
  const auto limited =
      load("against: b1, frames: [arp-request], times: 1000, limit: 200, dropped: storm", both);
  ASSERT_TRUE(limited) << render(limited.error(), "");
  EXPECT_EQ(describe(limited->steps[0]),
            "a1 sends arp-request 1000 times: at most 200 get through, then storm");
  for (const auto& [bad, code] : std::vector<std::pair<std::string, std::string>>{
           {"against: b1, frames: [stpp], dropped: link-control", "L0112"},
           {"against: b1, frames: [stp], dropped: link", "L0112"},
           {"against: b1, frames: [stp], times: 0, dropped: storm", "C0113"},
           {"against: a1, frames: [stp], dropped: storm", "L0121"},
       }) {
    const auto refused = load(bad, both);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().front().code, code) << bad;
  }
  const auto one_family = load("against: b1, frames: [stp], dropped: storm", "[172.0.0.11]");
  ASSERT_FALSE(one_family);
  EXPECT_EQ(one_family.error().front().code, "L0122");
}

TEST(LabStepsTest, AFailoverIsOfASwitchAndAStreamOfFlows) {
  exchange::Exchange exchange = testing::small_exchange();
  exchange.fabric.topology = testing::two_switches();
  const auto load = [&](const std::string& step) {
    const std::string text =
        "version: 1\nlab: {description: x}\nrouters: {a1: {prefixes: "
        "[100.0.0.0/24]}, b1: {prefixes: [140.0.0.0/24]}}\nsteps:\n  - "
        "failover: {from: a1, arrives: b1, " +
        step + "}\n";
    return load_definition(text, "lab.yaml", exchange);
  };
  const std::string to = "to: 140.0.0.1:5000";
  const auto good = load(to + ", switch: e1, state: down, within: 20");
  ASSERT_TRUE(good) << render(good.error(), "");
  const auto& step = std::get<FailoverStep>(good->steps[0].action);
  EXPECT_EQ(step.within.count(), 20);
  EXPECT_EQ(step.state, PowerState::kDown);
  EXPECT_EQ(describe(good->steps[0]),
            "a1: 8 flows to 140.0.0.1:5000 arrive at b1 while switch e1 goes down");
  for (const auto& [bad, code] : std::vector<std::pair<std::string, std::string>>{
           {to + ", switch: e3, state: down", "L0112"},
           {to + ", switch: e1, state: off", "C0112"},
           {to + ", switch: e1, state: up, within: 0", "C0113"},
           {"to: 140.0.0.1, switch: e1, state: up", "C0114"},
           {"to: 100.0.0.1:5000, switch: e1, state: up", "L0116"},
           {"switch: e1, state: up", "C0111"}}) {
    const auto refused = load(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().front().code, code) << bad;
  }
}

TEST(LabStepsTest, ALabHasSoManyStepsAndNoMore) {
  const auto codes = [](int count) {
    std::string text = "version: 1\nlab: {description: x}\nrouters: {}\nsteps:\n";
    for (int i = 0; i < count; ++i) text += "  - note: x\n";
    const auto loaded = load_definition(text, "lab.yaml", testing::small_exchange());
    return loaded ? "" : loaded.error().front().code;
  };
  EXPECT_EQ(codes(10'000), "");
  EXPECT_EQ(codes(10'001), "L0117");
}

}  // namespace
}  // namespace fabrix::lab
