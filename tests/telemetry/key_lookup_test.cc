#include "telemetry/key_lookup.h"

#include <gtest/gtest.h>

#include "telemetry/engine.h"
#include "tests/telemetry/counted.h"
#include "tests/telemetry/samples.h"

namespace fabrix::telemetry {
namespace {

using std::chrono::seconds;

const net::IpAddress kAgent = net::IpAddress::v4({192, 0, 2, 9});  // samples', at 7, from 7 to 9

// One country and one system, of 10.4.0.0/16; one maker.
class Atlas final : public NameSource {
 public:
  std::optional<Country> country_of(const net::IpAddress& address) override {
    if (!is_in(address)) return std::nullopt;
    return Country{.code = "NL", .name = name_};
  }
  std::optional<AutonomousSystem> as_of(const net::IpAddress& address) override {
    if (!is_in(address)) return std::nullopt;
    return AutonomousSystem{.number = 64496, .name = name_};
  }
  std::optional<std::string_view> maker_of(std::uint32_t oui) override {
    if (oui != 0x020000) return std::nullopt;
    return "BroadcomCorp";
  }

  void be_nameless() { name_ = ""; }

 private:
  static bool is_in(const net::IpAddress& address) {
    return address.masked(16) == net::IpAddress::v4({10, 4, 0, 0});
  }

  std::string_view name_ = "Name";
};

class KeyLookupTest : public ::testing::Test {
 protected:
  KeyLookupTest() { engine_.name_with(&atlas_); }

  std::string key(const std::string& text) {
    std::string out;
    const auto parsed = KeyExpression::parse(text, &engine_.lookups());
    if (!parsed) return "error: " + parsed.error().message;
    return parsed->append(sampled_.sample(), out) ? out : "(none)" + out;
  }

  Atlas atlas_;
  Engine engine_;
  Sampled sampled_{sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80")};
};

TEST_F(KeyLookupTest, CountriesAndSystems) {
  EXPECT_EQ(key("country:ipsource"), "NL");
  EXPECT_EQ(key("country:ipsource:code"), "NL");
  EXPECT_EQ(key("country:ipsource:name"), "Name");
  EXPECT_EQ(key("country:ipsource:both"), "NL Name");
  EXPECT_EQ(key("country:ipdestination"), "(none)");
  EXPECT_EQ(key("country:ipprotocol"), "(none)");
  EXPECT_EQ(key("asn:ipsource"), "64496");
  EXPECT_EQ(key("asn:ipsource:descr"), "Name");
  EXPECT_EQ(key("asn:ipsource:both"), "64496 Name");
  EXPECT_EQ(key("asn:ipdestination"), "(none)");
  EXPECT_EQ(key("asn:ipprotocol"), "(none)");
  EXPECT_EQ(key("null:[country:ipdestination:both]:"), "");
  atlas_.be_nameless();
  EXPECT_EQ(key("country:ipsource:name"), "(none)");
  EXPECT_EQ(key("country:ipsource:both"), "NL");
  EXPECT_EQ(key("asn:ipsource:descr"), "(none)");
  EXPECT_EQ(key("asn:ipsource:both"), "64496");
}

TEST_F(KeyLookupTest, SystemsAreOfTheRoutesWhereNoDatabaseKnowsThem) {
  const auto router = net::IpAddress::v4({192, 0, 2, 100});
  auto& routers = engine_.routers();
  ASSERT_TRUE(routers.add_router(router, {.as = 64500}));
  ASSERT_TRUE(routers.bind(kAgent, router));
  ASSERT_TRUE(routers.set_route(router, net::Prefix::parse("10.0.0.0/8").value(),
                                std::make_shared<const RouteInfo>(RouteInfo{.origin_as = 64700})));
  sampled_.sample().routes = &routers;
  EXPECT_EQ(key("asn:ipsource"), "64496");
  EXPECT_EQ(key("asn:ipdestination"), "64700");
  EXPECT_EQ(key("asn:ipdestination:both"), "64700");
  EXPECT_EQ(key("asn:ipdestination:descr"), "(none)");
  engine_.name_with(nullptr);
  EXPECT_EQ(key("asn:ipsource"), "64700");
  EXPECT_EQ(key("country:ipsource"), "(none)");
}

TEST_F(KeyLookupTest, MakersOfNetworkCards) {
  const std::string source = key("macsource");
  EXPECT_EQ(key("oui:macsource"), source.substr(0, 6));
  EXPECT_EQ(key("oui:macsource:number"), source.substr(0, 6));
  EXPECT_EQ(key("oui:macsource:name"), source.starts_with("020000") ? "BroadcomCorp" : "(none)");
  EXPECT_EQ(key("oui:ipsource"), "(none)");
  engine_.name_with(nullptr);
  EXPECT_EQ(key("oui:macsource:name"), "(none)");
  // It needs no engine.
  EXPECT_EQ(sampled_["oui:macsource"], source.substr(0, 6));
  EXPECT_EQ(sampled_["oui:macsource:name"], "(none)");
}

TEST_F(KeyLookupTest, NamesOfTheDnsOnceTheyAreThere) {
  EXPECT_EQ(key("dns:ipsource"), "(none)");
  EXPECT_EQ(key("or:[dns:ipsource]:ipsource"), "10.4.3.9");
  EXPECT_EQ(key("dns:ipprotocol"), "(none)");
  const auto wanted = engine_.host_names().take_wanted();
  ASSERT_TRUE(wanted);
  EXPECT_EQ(wanted->to_string(), "10.4.3.9");
  engine_.host_names().learn(*wanted, "xenvm11.sf.inmon.com");
  EXPECT_EQ(key("dns:ipsource"), "xenvm11.sf.inmon.com.");
  // sFlow-RT's example: the last label is the empty one.
  EXPECT_EQ(key("suffix:[dns:ipsource]:.:3"), "inmon.com.");
}

sflow::Bytes bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST_F(KeyLookupTest, WhatHostsAndGuestsSayOfThemselves) {
  const std::string source = key("macsource");
  const std::uint64_t mac = std::stoull(source, nullptr, 16);
  std::vector<std::byte> padded(8);
  for (std::size_t i = 0; i < 6; ++i) padded[i] = static_cast<std::byte>(mac >> (40 - 8 * i));
  const std::vector<std::byte> uuid(16);
  const auto tell = [&](std::uint32_t sequence, const sflow::SourceId& id, std::string_view name) {
    engine_.receive(
        datagram_of({.sequence = sequence,
                     .source = id,
                     .records = {{sflow::Tag::of(0, 2000),
                                  {bytes(name), sflow::Bytes(uuid), std::uint64_t{3},
                                   std::uint64_t{2}, bytes("6.1")}},
                                 {sflow::Tag::of(0, 2001),
                                  {std::uint64_t{1}, std::uint64_t{3}, sflow::Bytes(padded)}}}}),
        kAgent, seconds(1));
  };
  EXPECT_EQ(key("host:macsource:host_name"), "(none)");
  tell(1, {2, 1}, "leaf1");
  EXPECT_EQ(key("host:macsource:host_name"), "leaf1");
  EXPECT_EQ(key("host:macsource:os_name"), "linux");
  EXPECT_EQ(key("host:macsource:load_one"), "(none)");
  EXPECT_EQ(key("host:ipsource:host_name"), "(none)");
  tell(2, {3, 5}, "guest");
  EXPECT_EQ(key("host:macsource:host_name"), "guest");
  EXPECT_EQ(key("host:macsource:vir_host_name"), "guest");
}

TEST_F(KeyLookupTest, NodesPortsAndLinks) {
  EXPECT_EQ(key("node:inputifindex"), "(none)");
  EXPECT_EQ(key("ifname:inputifindex"), "(none)");
  EXPECT_EQ(key("link:inputifindex"), "(none)");
  ASSERT_TRUE(engine_.set_topology(
      {.nodes = {{"leaf1", {.agent = kAgent, .ports = {{"swp1", 7}}}}},
       .links = {
           {"up", {.node1 = "leaf1", .port1 = "swp1", .node2 = "spine1", .port2 = "swp4"}}}}));
  EXPECT_EQ(key("node:inputifindex"), "leaf1");
  EXPECT_EQ(key("ifname:inputifindex"), "swp1");
  EXPECT_EQ(key("link:inputifindex"), "up");
  EXPECT_EQ(key("node:outputifindex"), "leaf1");
  EXPECT_EQ(key("ifname:outputifindex"), "(none)");
  EXPECT_EQ(key("link:outputifindex"), "(none)");
  EXPECT_EQ(key("link:stack"), "(none)");
  EXPECT_EQ(key("ifname:stack"), "(none)");
  EXPECT_EQ(key("node:stack"), "(none)");
  // What the agent says is good enough for a name.
  engine_.receive(datagram_of({.source = {0, 9},
                               .agent = kAgent,
                               .records = {{sflow::Tag::of(0, 1005), {bytes("swp9")}}}}),
                  kAgent, seconds(1));
  EXPECT_EQ(key("ifname:outputifindex"), "swp9");
}

TEST_F(KeyLookupTest, PartsOfUris) {
  const Sampled http(
      sflow::frame("tcp 10.4.3.9:1000 -> 10.1.2.3:80"),
      {{sflow::Tag::of(0, 2206),
        record(2206, {std::uint64_t{2}, std::uint64_t{1001}, bytes("/metrics/json?a=b"), bytes("h"),
                      bytes(""), bytes(""), bytes(""), bytes(""), bytes(""), std::uint64_t{0},
                      std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{200}})}});
  EXPECT_EQ(http["uri:httpurl:path"], "/metrics/json");
  EXPECT_EQ(http["uri:httpurl:query"], "a=b");
  // sFlow-RT's example.
  EXPECT_EQ(http["prefix:[uri:httpurl:path]:/:2"], "/metrics");
  EXPECT_EQ(sampled_["uri:httpurl:path"], "(none)");
}

TEST_F(KeyLookupTest, SaysWhatIsWrong) {
  EXPECT_EQ(key("dns:ipsource:2"), "error: dns has 1 arguments, not 2");
  EXPECT_EQ(key("group:ipsource"), "error: group has 2 or more arguments, not 1");
  EXPECT_EQ(key("country:ipsource:city"), "error: country has no 'city': code, name, both");
  EXPECT_EQ(key("oui:macsource:vendor"), "error: oui has no 'vendor': number, name");
  EXPECT_EQ(key("uri:httpurl"), "error: uri has 2 arguments, not 1");
  EXPECT_EQ(sampled_["dns:ipsource"], "error: 'dns' is the analyzer's: there is none here");
}

}  // namespace
}  // namespace fabrix::telemetry
