#include "lab/definition.h"

#include <gtest/gtest.h>

#include "tests/lab/lab_world.h"

namespace fabrix::lab {
namespace {

using testing::expect_complaint;
using testing::small_lab;

TEST(LabDefinitionTest, ReadsRoutersWithTheirDaemonsAndPrefixes) {
  const Definition lab = small_lab();
  EXPECT_EQ(lab.description, "two routers");
  ASSERT_EQ(lab.routers.size(), 2U);
  EXPECT_EQ(lab.routers[0].name, "a1");
  EXPECT_EQ(lab.routers[0].daemon, DaemonKind::kFrr);
  EXPECT_EQ(lab.routers[0].prefixes.size(), 2U);
  EXPECT_EQ(lab.routers[1].daemon, DaemonKind::kBird) << "the default";
  EXPECT_EQ(lab.find_router("b1"), &lab.routers[1]);
  EXPECT_EQ(lab.find_router("c1"), nullptr);
}

TEST(LabDefinitionTest, MaySayWhichFabricItIsAbout) {
  EXPECT_EQ(small_lab().fabric, std::nullopt);
  const Definition lab =
      small_lab("version: 1\nlab: {description: x, fabric: openflow}\nrouters: {}\n");
  EXPECT_EQ(lab.fabric, exchange::FabricType::kOpenFlow);
  expect_complaint(
      {"  description: two routers\n", "  description: two routers\n  fabric: ovs\n", "C0116", 4});
}

TEST(LabDefinitionTest, ARouterThatIsNotMentionedAnnouncesNothing) {
  const Definition lab =
      small_lab("version: 1\nlab: {description: x}\nrouters:\n  a1: {daemon: gobgp}\n");
  ASSERT_EQ(lab.routers.size(), 2U);
  EXPECT_EQ(lab.routers[0].daemon, DaemonKind::kGoBgp);
  EXPECT_TRUE(lab.routers[1].prefixes.empty());
  EXPECT_TRUE(lab.steps.empty());
}

TEST(LabDefinitionTest, ARouterHasTheFirstHostAddressOfEachPrefix) {
  const auto host = [](const char* text) {
    return host_address(net::Prefix::parse(text).value()).to_string();
  };
  EXPECT_EQ(host("140.0.0.0/24"), "140.0.0.1");
  EXPECT_EQ(host("140.0.0.128/31"), "140.0.0.129");
  EXPECT_EQ(host("140.0.0.7/32"), "140.0.0.7");
  EXPECT_EQ(host("2001:db8:140::/48"), "2001:db8:140::1");
  EXPECT_EQ(host("2001:db8::8/128"), "2001:db8::8");
  const Definition lab = small_lab();
  EXPECT_TRUE(lab.routers[0].owns(*net::IpAddress::parse("100.0.0.1")));
  EXPECT_FALSE(lab.routers[0].owns(*net::IpAddress::parse("100.0.0.2")));
}

TEST(LabDefinitionTest, ComplainsAboutMistakes) {
  for (const testing::Mistake& mistake : std::initializer_list<testing::Mistake>{
           {"version: 1\n", "", "C0111", 1},
           {"version: 1", "version: 2", "L0101", 1},
           {"  description: two routers", "  description: [a]", "C0112", 3},
           {"  description: two", "  descripton: x\n  description: two", "C0110", 3},
           {"daemon: frr", "daemon: brid", "L0102", 5},
           {"daemon: frr", "deamon: frr", "C0110", 5},
           {"  b1: {prefixes", "  c1: {prefixes: []}\n  b1: {prefixes", "C0110", 6},
           {"141.0.0.1/32]", "140.0.0.0/24, 141.0.0.1/32]", "L0103", 6},
           {"steps:", "step:", "C0110", 7},
       }) {
    expect_complaint(mistake);
  }
}

TEST(LabDefinitionTest, AllMistakesAreToldAtOnce) {
  const std::string text = "version: 2\nlab: {}\nrouters: {a1: {daemon: x}, c1: {}}\n";
  const auto loaded = load_definition(text, "lab.yaml", testing::small_exchange());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().size(), 4U) << render(loaded.error(), text);
}

// RFC 8950: who has no IPv4 address needs IPv6 next hops for IPv4 routes, and a daemon that has
// them.
TEST(LabDefinitionTest, Ipv4PrefixesNeedAnAddressOrExtendedNextHops) {
  std::string text(testing::kExchange);
  text.replace(text.find("172.0.0.1, "), 11, "");
  text.replace(text.find("[172.0.255.254], policy"), 15, "[172.0.255.254, \"2001:db8:0:172::fe\"]");
  const std::string lab =
      "version: 1\nlab: {description: x}\nrouters:\n  a1: {daemon: gobgp, prefixes: "
      "[100.0.0.0/24]}\n";
  const auto codes = [&](const std::string& exchange_text, const std::string& lab_text) {
    const auto exchange = exchange::load(exchange_text, "exchange.yaml");
    EXPECT_TRUE(exchange) << render(exchange.error(), exchange_text);
    const auto loaded = load_definition(lab_text, "lab.yaml", *exchange);
    std::vector<std::string> found;
    if (loaded) return found;
    for (const Diagnostic& each : loaded.error()) found.push_back(each.code);
    return found;
  };
  const std::vector<std::string> refused{"L0106"};
  EXPECT_EQ(codes(text, lab), refused);
  std::string extended = text;
  extended.replace(extended.find("port: 179"), 9, "port: 179, session: {extended_next_hop: true}");
  EXPECT_EQ(codes(extended, lab), refused);
  for (const std::string daemon : {"bird", "frr"}) {
    std::string good = lab;
    good.replace(good.find("gobgp"), 5, daemon);
    EXPECT_EQ(codes(text, good), refused) << daemon;
    EXPECT_TRUE(codes(extended, good).empty()) << daemon;
  }
}

// A lab with the middlebox `box`, of which `text` says something.
Result<Definition, std::vector<Diagnostic>> lab_with_box(const std::string& text) {
  std::string site(testing::kExchange);
  site += "      - {name: box, middlebox: true, port: 3}\n";
  auto exchange = exchange::load(site, "exchange.yaml");
  EXPECT_TRUE(exchange);
  return load_definition("version: 1\nlab: {description: x}\nrouters: {}\n" + text, "lab.yaml",
                         *std::move(exchange));
}

TEST(LabDefinitionTest, AMiddleboxIsNoRouterAndDropsWhatItIsTold) {
  const auto silent = lab_with_box("");
  ASSERT_TRUE(silent);
  EXPECT_EQ(silent->routers.size(), 2U);
  ASSERT_EQ(silent->middleboxes.size(), 1U);
  EXPECT_EQ(silent->middleboxes[0].name, "box");
  EXPECT_TRUE(silent->middleboxes[0].drops.empty());
  const auto told = lab_with_box("middleboxes: {box: {drops: [tcp dport 23, udp dport 53]}}\n");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->middleboxes[0].drops, (std::vector<std::string>{"tcp dport 23", "udp dport 53"}));
}

TEST(LabDefinitionTest, AMiddleboxHasACableAndNoDaemon) {
  EXPECT_TRUE(lab_with_box("steps: [{link: {router: box, state: down}}]\n"));
  const auto code = [](const std::string& text) {
    const auto loaded = lab_with_box(text);
    return loaded ? "" : loaded.error().front().code;
  };
  EXPECT_EQ(code("steps: [{session: {router: box, state: down}}]\n"), "L0112");
  EXPECT_EQ(code("steps: [{on_link: {router: box, prefix: 10.0.0.0/8}}]\n"), "L0112");
}

TEST(LabDefinitionTest, ComplainsAboutWhatAMiddleboxIsToDrop) {
  const auto code = [](const std::string& drops) {
    const auto loaded = lab_with_box("middleboxes: {box: {drops: [" + drops + "]}}\n");
    return loaded ? "" : loaded.error().front().code;
  };
  for (const char* wrong : {"'tcp dport 23; accept'", "'tcp dport 23 # all'", R"("a\nb")"}) {
    EXPECT_EQ(code(wrong), "L0107") << wrong;
  }
  std::string many = "tcp dport 1";
  for (int i = 2; i <= 100; ++i) many += ", tcp dport " + std::to_string(i);
  EXPECT_EQ(code(many), "");
  EXPECT_EQ(code(many + ", tcp dport 101"), "L0108");
}

TEST(LabDefinitionTest, ARouterHasSoManyPrefixesAndNoMore) {
  const auto codes = [](int count) {
    std::string prefixes;
    for (int i = 0; i < count; ++i) {
      prefixes += i == 0 ? "" : ", ";
      prefixes += "10." + std::to_string(i / 256) + "." + std::to_string(i % 256) + ".0/24";
    }
    const auto loaded = load_definition(
        "version: 1\nlab: {description: x}\nrouters: {a1: {prefixes: [" + prefixes + "]}}\n",
        "lab.yaml", testing::small_exchange());
    return loaded ? "" : loaded.error().front().code;
  };
  EXPECT_EQ(codes(1000), "");
  EXPECT_EQ(codes(1001), "L0104");
}

TEST(LabDefinitionTest, TheLabsOwnNodesAreNoNamesForRouters) {
  std::string text(testing::kExchange);
  text.replace(text.find("name: b1"), 8, "name: ix");
  const auto exchange = exchange::load(text, "exchange.yaml");
  ASSERT_TRUE(exchange);
  const auto loaded =
      load_definition("version: 1\nlab: {description: x}\nrouters: {}\n", "lab.yaml", *exchange);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().front().code, "L0105");
}

TEST(LabDefinitionTest, NamesOfSwitchesFitIntoNamesOfInterfaces) {
  exchange::Exchange exchange = testing::small_exchange();
  exchange.fabric.topology = testing::two_switches();
  const std::string lab = "version: 1\nlab: {description: x}\nrouters: {}\n";
  EXPECT_TRUE(load_definition(lab, "lab.yaml", exchange));
  exchange.fabric.topology.switches[0].name = "amsterdam1";
  const auto loaded = load_definition(lab, "lab.yaml", exchange);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().front().code, "L0120");
}

}  // namespace
}  // namespace fabrix::lab
