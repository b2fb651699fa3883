// The world of the lab's tests: a small definition, and, for tests that touch the machine, a place
// of their own for directories and a name that nobody else has.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

#include "exchange/load.h"
#include "lab/definition.h"
#include "lab/remains.h"

namespace fabrix::lab::testing {

inline constexpr std::string_view kExchange = R"(version: 1
exchange:
  name: small
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16, "2001:db8:0:172::/64"]
  virtual_next_hops: [172.0.1.0/24]
  route_server: {addresses: [172.0.255.254], policy: minimal, port: 179}
participants:
  - name: A
    asn: 100
    routers:
      - {name: a1, mac: "08:00:27:89:3b:9f", addresses: [172.0.0.1, "2001:db8:0:172::1"], port: 1}
  - name: B
    asn: 200
    routers:
      - {name: b1, mac: "08:00:27:92:18:1f", addresses: [172.0.0.11], port: 2}
)";

inline constexpr std::string_view kLab = R"(version: 1
lab:
  description: two routers
routers:
  a1: {daemon: frr, prefixes: [100.0.0.0/24, "2001:db8:100::/48"]}
  b1: {prefixes: [140.0.0.0/24, 141.0.0.1/32]}
steps:
  - note: one of each
  - routes: {router: a1, groups: [[140.0.0.0/24], [141.0.0.1/32]], via: virtual}
  - on_link: {router: a1, prefix: 172.0.0.0/16}
  - traffic: {from: a1, packet: "tcp 100.0.0.1 -> 140.0.0.1:80", arrives: b1}
  - traffic: {from: a1, packet: "udp 100.0.0.1 -> 141.0.0.1:53", arrives: nowhere}
  - withdraw: {router: b1, prefix: 140.0.0.0/24}
  - announce: {router: b1, prefix: 140.0.0.0/24}
  - link: {router: a1, state: down}
  - session: {router: b1, state: up}
  - policy: {participant: A, file: policies/A.policy}
  - policy: {participant: A, remove: true}
)";

inline exchange::Exchange small_exchange() {
  return exchange::load(kExchange, "exchange.yaml").value();
}

// Of the small exchange: e1 has the ports of a1 and the route server, e2 that of b1.
inline exchange::Topology two_switches() {
  const auto port = [](std::uint32_t number) { return net::PortNo{number}; };
  exchange::Topology made;
  made.switches = {{.name = "e1",
                    .datapath_id = 0xe1,
                    .role = exchange::SwitchRole::kEdge,
                    .ports = {{port(1), port(11)}, {port(4094), port(10)}}},
                   {.name = "e2",
                    .datapath_id = 0xe2,
                    .role = exchange::SwitchRole::kEdge,
                    .ports = {{port(2), port(12)}}}};
  made.links.push_back(
      {exchange::LinkEnd{.at = 0, .port = port(9)}, exchange::LinkEnd{.at = 1, .port = port(9)}});
  return made;
}

inline Definition small_lab(std::string_view text = kLab) {
  auto loaded = load_definition(text, "lab.yaml", small_exchange());
  if (loaded) return *std::move(loaded);
  ADD_FAILURE() << render(loaded.error(), text);
  return {};
}

// A change to kLab, and the one complaint that it should bring.
struct Mistake {
  std::string_view replace;  // occurs in kLab; its first occurrence goes
  std::string_view by;
  std::string_view code;
  std::uint32_t line;
};

inline void expect_complaint(const Mistake& mistake) {
  SCOPED_TRACE(std::string(mistake.replace) + " => " + std::string(mistake.by));
  std::string text(kLab);
  const std::size_t where = text.find(mistake.replace);
  ASSERT_NE(where, std::string::npos);
  text.replace(where, mistake.replace.size(), mistake.by);
  const auto loaded = load_definition(text, "lab.yaml", small_exchange());
  ASSERT_FALSE(loaded) << "accepted";
  SCOPED_TRACE(render(loaded.error(), text));
  ASSERT_EQ(loaded.error().size(), 1U);
  EXPECT_EQ(loaded.error().front().code, mistake.code);
  EXPECT_EQ(loaded.error().front().at.line, mistake.line);
  EXPECT_EQ(loaded.error().front().file, "lab.yaml");
}

// A name for a lab, with a directory; both are gone at the end, and what they named.
class LabWorld : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = std::filesystem::temp_directory_path() / "fxlab.XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    run_ = pattern;
    setenv("FABRIX_RUN", run_.c_str(), 1);
    name_ = "t" + run_.extension().string().substr(1);
  }
  void TearDown() override {
    if (name_.empty()) return;
    EXPECT_TRUE(remove_remains(name_));
    unsetenv("FABRIX_RUN");
    std::filesystem::remove_all(run_);
  }

  static bool is_root() { return geteuid() == 0; }

  std::filesystem::path run_;
  std::string name_;
};

}  // namespace fabrix::lab::testing
