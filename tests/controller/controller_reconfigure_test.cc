// Controller::reconfigure(): what stays as it was, what comes and goes, and that nothing is
// different from an exchange that began with the new configuration.
#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

using ::testing::HasSubstr;

constexpr std::uint32_t kFirstAsn = 100;

// Members of a made-up exchange: M0, M1, ..., each with so many routers: m0a, m0b, ...
struct Members {
  std::map<int, int> routers;                // by member
  std::map<int, std::vector<int>> peers;     // of those who are choosy
  std::map<int, std::string> more_settings;  // further lines of a participant
};

std::string router_name(int member, int router) {
  return fmt::format("m{}{}", member, static_cast<char>('a' + router));
}

std::string text_of(const Members& members) {
  std::string text = R"(version: 1
exchange:
  name: made-up
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16]
  virtual_next_hops: [172.0.128.0/20]
  route_server: {addresses: [172.0.255.254], policy: minimal}
participants:
)";
  for (const auto& [member, routers] : members.routers) {
    text += fmt::format("  - name: M{}\n    asn: {}\n", member,
                        kFirstAsn + static_cast<unsigned>(member));
    if (const auto found = members.peers.find(member); found != members.peers.end()) {
      text += "    peers: [";
      const char* separator = "";
      for (const int peer : found->second) {
        if (members.routers.contains(peer)) {
          text += fmt::format("{}M{}", std::exchange(separator, ", "), peer);
        }
      }
      text += "]\n";
    }
    if (const auto found = members.more_settings.find(member);
        found != members.more_settings.end()) {
      text += found->second;
    }
    text += "    routers:\n";
    for (int i = 0; i < routers; ++i) {
      text += fmt::format(
          "      - {{name: {}, mac: \"08:00:27:00:{:02x}:{:02x}\", addresses: [172.0.{}.{}], "
          "port: {}}}\n",
          router_name(member, i), member, i, member, i + 1, 1 + member * 4 + i);
    }
  }
  return text;
}

exchange::Exchange exchange_of(const Members& members) {
  const std::string text = text_of(members);
  auto loaded = exchange::load(text, "made-up.yaml");
  if (!loaded) ADD_FAILURE() << render(loaded.error(), text);
  return loaded.value_or(exchange::Exchange{});
}

Members three() {
  return {.routers = {{0, 1}, {1, 1}, {2, 1}}, .peers = {}, .more_settings = {}};
}

TEST(ControllerReconfigure, RoutesAndPoliciesOfWhatStaysSurvive) {
  World world(exchange_of(three()));
  world.announce("m1a", "140.0.0.0/24");
  world.announce("m2a", "140.0.0.0/24", World::path({102, 9}));
  EXPECT_EQ(world.set_policy("M0", "outbound = match(dstport=80) >> fwd(M2)\n"), "");
  ASSERT_EQ(world.send("m0a", tcp_to(80)), "m2a");
  ASSERT_EQ(world.send("m0a", tcp_to(443)), "m1a");

  Members more = three();
  more.routers[5] = 1;
  EXPECT_TRUE(world.reconfigure(exchange_of(more)).empty());
  EXPECT_EQ(world.send("m0a", tcp_to(80)), "m2a");
  EXPECT_EQ(world.send("m0a", tcp_to(443)), "m1a");
  EXPECT_EQ(world.send("m5a", tcp_to(80)), "m1a");
}

TEST(ControllerReconfigure, AddedMembersTakePart) {
  World world(exchange_of(three()));
  Members more = three();
  more.routers[5] = 2;
  world.reconfigure(exchange_of(more));
  world.announce("m5b", "150.0.0.0/24");
  EXPECT_EQ(world.send("m0a", tcp_to(80, "150.0.0.1")), "m5b");
  EXPECT_EQ(world.set_policy("M5", "outbound = match(dstport=80) >> fwd(M1)\n"), "");
  world.announce("m1a", "140.0.0.0/24");
  world.announce("m2a", "140.0.0.0/24", World::path({102}));
  EXPECT_EQ(world.send("m5a", tcp_to(80)), "m1a");
}

TEST(ControllerReconfigure, RemovedMembersVanish) {
  World world(exchange_of(three()));
  world.announce("m1a", "140.0.0.0/24");
  ASSERT_EQ(world.send("m0a", tcp_to(80)), "m1a");
  const auto gone = world.find("m1a");
  Members fewer = three();
  fewer.routers.erase(1);
  world.reconfigure(exchange_of(fewer));
  EXPECT_EQ(world.as_path("m0a", "140.0.0.0/24"), "none");
  EXPECT_EQ(world.controller().route_server().find_peer(gone.addresses.front()), std::nullopt);
  // Neither out of its port nor in by it.
  net::Packet packet = net::parse_packet(tcp_to(80)).value();
  packet.dst_mac = gone.mac;
  EXPECT_EQ(world.send_frame("m0a", packet), "nowhere");
  packet.dst_mac = world.find("m2a").mac;
  packet.src_mac = gone.mac;
  packet.in_port = gone.port;
  EXPECT_FALSE(world.fabric().send(packet).output);
}

TEST(ControllerReconfigure, WhoComesBackIsAsBefore) {
  World world(exchange_of(three()));
  Members fewer = three();
  fewer.routers.erase(1);
  const auto id = world.id_of("M1");
  world.reconfigure(exchange_of(fewer));
  world.reconfigure(exchange_of(three()));
  EXPECT_EQ(world.id_of("M1"), id);
  world.announce("m1a", "140.0.0.0/24");
  EXPECT_EQ(world.send("m0a", tcp_to(80)), "m1a");
}

TEST(ControllerReconfigure, PoliciesThatNameRemovedMembersAreLostAndReported) {
  World world(exchange_of(three()));
  world.announce("m2a", "140.0.0.0/24");
  world.set_policy("M0", "outbound = match(dstport=80) >> fwd(M1)\n");
  world.set_policy("M2", "inbound = match(dstport=22) >> drop\n");
  Members fewer = three();
  fewer.routers.erase(1);
  const auto lost = world.reconfigure(exchange_of(fewer));
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].participant, world.id_of("M0"));
  EXPECT_THAT(render(lost[0].why, lost[0].text), HasSubstr("M1"));
  EXPECT_EQ(world.controller().policy_text(world.id_of("M0")), nullptr);
  EXPECT_NE(world.controller().policy_text(world.id_of("M2")), nullptr);
  EXPECT_EQ(world.send("m0a", tcp_to(80)), "m2a");
  EXPECT_EQ(world.send("m0a", tcp_to(22)), "nowhere");
}

TEST(ControllerReconfigure, AChangedFilterJudgesWhatIsThere) {
  World world(exchange_of(three()));
  world.announce("m1a", "140.0.0.0/24");
  ASSERT_EQ(world.as_path("m0a", "140.0.0.0/24"), "101");
  Members strict = three();
  strict.more_settings[1] = "    import: {prefix_length: {ipv4: [8, 22]}}\n";
  world.reconfigure(exchange_of(strict));
  EXPECT_EQ(world.as_path("m0a", "140.0.0.0/24"), "none");
  world.reconfigure(exchange_of(three()));
  EXPECT_EQ(world.as_path("m0a", "140.0.0.0/24"), "101");
}

TEST(ControllerReconfigure, APortThatWasDownBeforeItHadARouterIsDown) {
  World world(exchange_of(three()));
  world.announce("m1a", "140.0.0.0/24");
  Members more = three();
  more.routers[1] = 2;
  world.fabric().take_down(net::PortNo{6});
  world.reconfigure(exchange_of(more));
  EXPECT_FALSE(world.controller().world().port_up[world.find("m1b").id.index()]);
  world.announce("m1b", "150.0.0.0/24");
  EXPECT_EQ(world.send("m0a", tcp_to(80, "150.0.0.1")), "m1a");
  world.set_port("m1b", true);
  EXPECT_EQ(world.send("m0a", tcp_to(80, "150.0.0.1")), "m1b");
}

TEST(ControllerReconfigure, AVirtualNextHopMeansTheSameAfterwards) {
  World world(exchange_of(three()));
  world.announce("m1a", "140.0.0.0/24");
  world.announce("m2a", "140.0.0.0/24", World::path({102, 9}));
  world.set_policy("M0", "outbound = match(dstport=80) >> fwd(M2)\n");
  const auto before = world.route_of(world.find("m0a"), World::address("140.0.0.1"));
  Members more = three();
  more.routers[5] = 1;
  world.reconfigure(exchange_of(more));
  EXPECT_EQ(world.route_of(world.find("m0a"), World::address("140.0.0.1")), before);
}

// Random exchanges, changed again and again: traffic goes as in an exchange that began that way.
class Differential {
 public:
  explicit Differential(unsigned seed) : random_(seed), members_(some()) {
    world_.emplace(exchange_of(members_));
    play(*world_);
  }

  void change() {
    members_ = some();
    policies_.clear();
    for (const auto& [member, routers] : members_.routers) {
      if (pick(2) == 0) policies_[member] = policy(member);
    }
    world_->hold();
    world_->reconfigure(exchange_of(members_));
    play(*world_);
    world_->release();
    World fresh(exchange_of(members_));
    play(fresh);
    for (const auto& [member, routers] : members_.routers) {
      for (int i = 0; i < routers; ++i) compare(fresh, router_name(member, i));
    }
  }

 private:
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  Members some() {
    constexpr int kMost = 6;
    Members members;
    while (members.routers.size() < 2) {
      for (int member = 0; member < kMost; ++member) {
        if (pick(3) != 0) members.routers[member] = 1 + pick(2);
      }
    }
    for (const auto& [member, routers] : members.routers) {
      if (pick(4) != 0) continue;
      for (int peer = 0; peer < kMost; ++peer) {
        if (peer != member && pick(2) == 0) members.peers[member].push_back(peer);
      }
      members.peers.try_emplace(member);
    }
    return members;
  }

  std::string policy(int member) {
    std::vector<int> others;
    const auto peers = [&](int from, int to) {
      const auto found = members_.peers.find(from);
      return found == members_.peers.end() || std::ranges::count(found->second, to) != 0;
    };
    for (const auto& [other, routers] : members_.routers) {
      if (other != member && peers(member, other) && peers(other, member)) others.push_back(other);
    }
    if (others.empty()) return "inbound = match(dstport=25) >> drop\n";
    const auto other = [&] { return others[static_cast<std::size_t>(pick(int(others.size())))]; };
    return fmt::format(
        "outbound = match(dstport=80) >> fwd(M{}) // match(dstport=443) >> fwd(M{})\n"
        "inbound = match(dstport=22) >> drop\n",
        other(), other());
  }

  // Everything that members say, in full.
  void play(World& world) {
    for (const auto& [member, routers] : members_.routers) {
      for (int i = 0; i < routers; ++i) {
        // Of different length, because identifiers would follow the ids.
        std::vector<std::uint32_t> path(static_cast<std::size_t>(2 + member * 2 + i), 9);
        path.front() = kFirstAsn + static_cast<unsigned>(member);
        world.announce(router_name(member, i), "140.0.0.0/24", World::path(path));
      }
      world.announce(router_name(member, 0), fmt::format("150.{}.0.0/16", member));
      const auto found = policies_.find(member);
      const std::string name = fmt::format("M{}", member);
      if (found == policies_.end()) {
        world.remove_policy(name);
      } else {
        EXPECT_EQ(world.set_policy(name, found->second), "") << found->second;
      }
    }
  }

  void compare(World& fresh, const std::string& from) {
    for (const unsigned port : {22U, 25U, 80U, 443U, 1000U}) {
      for (const std::string to :
           {"140.0.0.1", "150.0.0.1", "150.1.0.1", "150.2.0.1", "150.3.0.1"}) {
        EXPECT_EQ(world_->send(from, tcp_to(port, to)), fresh.send(from, tcp_to(port, to)))
            << from << " to " << to << " port " << port << "\n"
            << text_of(members_);
      }
    }
  }

  std::mt19937 random_;
  Members members_;
  std::map<int, std::string> policies_;
  std::optional<World> world_;
};

TEST(ControllerReconfigure, TrafficGoesAsInAnExchangeThatBeganThatWay) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Differential differential(seed);
    for (int round = 0; round < 6 && !::testing::Test::HasFailure(); ++round) {
      differential.change();
    }
  }
}

}  // namespace
}  // namespace fabrix::controller
