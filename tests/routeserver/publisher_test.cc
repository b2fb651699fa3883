#include "routeserver/publisher.h"

#include <random>

#include <gtest/gtest.h>

#include "tests/routeserver/engine_world.h"

namespace fabrix::routeserver {
namespace {

class PublisherTest : public EngineWorld {
 protected:
  void change_something(std::mt19937& random) {
    const auto from = static_cast<std::uint16_t>(random() % 5);
    const auto what = numbered(static_cast<std::uint32_t>(random() % 40));
    const std::vector<std::uint32_t> asns(1 + random() % 3, peers_[from].asn.value);
    bgp::PathAttributes attributes{.as_path = path(asns)};
    if (random() % 2 == 0) attributes.med = static_cast<std::uint32_t>(random() % 2);
    if (random() % 3 == 0) {
      withdraw(from, what);
    } else {
      announce(from, what, attributes);
    }
  }
  // Routes that are new, other, or gone.
  static std::size_t differences(const FakePeer::Table& before, const FakePeer::Table& after) {
    std::size_t count = 0;
    for (const auto& [key, heard] : after) {
      const auto had = before.find(key);
      if (had == before.end() || had->second != heard) ++count;
    }
    for (const auto& [key, had] : before) count += after.contains(key) ? 0U : 1U;
    return count;
  }
};

TEST_F(PublisherTest, ClientsOfOneDialectShareTheOctets) {
  for (std::uint16_t id = 0; id < 4; ++id) bring_up(id);
  drain_all();
  announce(4, "10.0.0.0/24");
  publish();
  const auto a = publisher_.output(PeerId{0});
  const auto b = publisher_.output(PeerId{1});
  ASSERT_EQ(a.size(), 1U);
  ASSERT_EQ(b.size(), 1U);
  EXPECT_EQ(a.front().data(), b.front().data());
  drain_all();
  EXPECT_EQ(routes(0, "10.0.0.0/24"), 1U);
}

TEST_F(PublisherTest, PrefixesOfOnePathLeaveInFullMessages) {
  auto& client = bring_up(0);
  drain(0);
  const std::size_t before = client.messages();
  for (std::uint32_t i = 0; i < 5000; ++i) announce(1, numbered(i), {.as_path = path({200})});
  publish();
  drain(0);
  EXPECT_EQ(client.prefix_count(net::Family::kIpv4), 5000U);
  // 4 octets a prefix, and room for a thousand of them in a message.
  EXPECT_LE(client.messages() - before, 5U);
}

// What is said in plain operation is what changes, and next to nothing else.
TEST_F(PublisherTest, RepeatsNothingInPlainOperation) {
  constexpr unsigned kSeed = 20261122;
  SCOPED_TRACE(kSeed);
  std::mt19937 random(kSeed);
  for (std::uint16_t id = 0; id < 5; ++id) {
    bring_up(id, {.families = kBoth, .add_path = {.ipv4 = id == 4}});
  }
  drain_all();
  std::size_t necessary = 0;
  std::size_t said = 0;
  for (int round = 0; round < 400; ++round) {
    for (auto n = 1 + random() % 10; n > 0; --n) change_something(random);
    publish();
    for (auto& [id, fake] : fakes_) {
      const FakePeer::Table before = fake.table();
      const std::size_t nlri = fake.announced() + fake.withdrawn();
      drain(id);
      said += fake.announced() + fake.withdrawn() - nlri;
      necessary += differences(before, fake.table());
    }
  }
  EXPECT_GT(necessary, 1000U);
  EXPECT_LE(said, necessary + necessary / 20);
}

// Judged again, routes become routes of other paths (ADR 7): only what clients hear of it counts.
TEST_F(PublisherTest, WhoHearsNothingNewOfAPathJudgedAgainIsToldNothing) {
  bring_up(0);
  bring_up(2);
  bring_up(4, {.families = kBoth, .add_path = kBoth});
  announce(1, "10.0.0.0/24");
  publish();
  drain_all();
  const auto entry = *rib_.find(prefix("10.0.0.0/24"));
  Treatment usual = paths_[rib_.routes(entry).front().path].exports->rules.front().treatment;
  const auto judge_as = [&](const std::vector<ExportRule>& rules) {
    RouteRef route = rib_.routes(entry).front();
    route.path = paths_.judge_again(route.path, [&](const PathKey& key) {
      Path path = judge(key);
      ExportClass exports{.rules = rules, .all = {}};
      for (const ExportRule& rule : rules) exports.all |= rule.clients;
      path.exports = paths_.intern(std::move(exports));
      return path;
    });
    rib_.announce(entry, route);
    paths_.release(route.path);
    publish();
    std::vector<std::size_t> announced;
    for (auto& [id, fake] : fakes_) {
      const std::size_t before = fake.announced();
      drain(id);
      announced.push_back(fake.announced() - before);
    }
    return announced;
  };
  const auto set = [this](std::initializer_list<std::uint16_t> ids) {
    ClientSet clients(peers_.size());
    for (const std::uint16_t id : ids) clients.insert(PeerId{id});
    return clients;
  };
  using Counts = std::vector<std::size_t>;
  EXPECT_EQ(judge_as({{.treatment = usual, .clients = set({0, 4})}}), (Counts{0, 0, 0}));
  EXPECT_EQ(routes(2, "10.0.0.0/24"), 0U);
  EXPECT_EQ(judge_as({{.treatment = usual, .clients = set({0, 2, 4})}}), (Counts{0, 1, 0}));
  usual.prepends = 1;
  EXPECT_EQ(judge_as({{.treatment = usual, .clients = set({0, 2, 4})}}), (Counts{1, 1, 1}));
}

TEST_F(PublisherTest, CountsWhatEachClientHas) {
  bring_up(0);
  announce(1, "10.0.0.0/24");
  announce(1, "2001:db8::/32");
  announce(2, "10.0.1.0/24", {300, 100});
  publish();
  EXPECT_EQ(publisher_.view_size(PeerId{0}, net::Family::kIpv4), 1U) << "not by its own AS";
  EXPECT_EQ(publisher_.view_size(PeerId{1}, net::Family::kIpv4), 1U);
  EXPECT_EQ(publisher_.view_size(PeerId{2}, net::Family::kIpv6), 1U);
  EXPECT_EQ(publisher_.view_size(PeerId{4}, net::Family::kIpv4), 2U);
  withdraw(1, prefix("10.0.0.0/24"));
  publish();
  EXPECT_EQ(publisher_.view_size(PeerId{4}, net::Family::kIpv4), 1U);
}

TEST_F(PublisherTest, PlacesOfPrefixesThatAreGoneAreUsedAgain) {
  bring_up(0);
  bring_up(2);
  for (std::uint32_t i = 0; i < 500; ++i) {
    announce(1, numbered(i), {.as_path = path({200})});
    publish();
    drain_all();
    withdraw(1, numbered(i));
    publish();
    drain_all();
  }
  EXPECT_LE(rib_.end(), 3U);
  EXPECT_EQ(paths_.size(), 0U);
}

TEST_F(PublisherTest, APlaceIsKeptForWhoMayHaveNewsOfItUnderWay) {
  bring_up(0);
  bring_up(2);
  drain_all();
  announce(1, "10.0.0.0/24");
  publish();
  drain(0);
  hear(2, SIZE_MAX);
  withdraw(1, prefix("10.0.0.0/24"));
  publish();
  drain(0);
  // Client 2 has not heard of the withdrawal, and now it is forgotten: its place must be there.
  announce(1, "10.0.1.0/24");
  publish();
  publisher_.shed(PeerId{2});
  drain_all();
  EXPECT_EQ(routes(2, "10.0.0.0/24"), 0U);
  EXPECT_EQ(routes(2, "10.0.1.0/24"), 1U);
  EXPECT_EQ(rib_.end(), 2U);
}

TEST_F(PublisherTest, HopelessIsWhoNeverPausesWhileManyPrefixesGo) {
  bring_up(0);
  bring_up(2);
  drain_all();
  EXPECT_TRUE(publisher_.hopeless().empty());
  for (std::uint32_t round = 0; round < 3; ++round) {
    for (std::uint32_t i = 0; i < 600; ++i) {
      announce(1, numbered(round * 600 + i), {.as_path = path({200})});
    }
    publish();
    drain(0);
    for (std::uint32_t i = 0; i < 600; ++i) withdraw(1, numbered(round * 600 + i));
    publish();
    drain(0);
  }
  EXPECT_EQ(publisher_.hopeless(), std::vector{PeerId{2}});
  EXPECT_EQ(rib_.end(), 1800U);
  drain(2);
  EXPECT_TRUE(publisher_.hopeless().empty()) << "it has paused";
  EXPECT_EQ(fakes_.at(2).prefix_count(net::Family::kIpv4), 0U);
  for (std::uint32_t i = 0; i < 600; ++i) announce(1, numbered(i), {.as_path = path({200})});
  EXPECT_EQ(rib_.end(), 1800U);
}

// A large member that leaves makes nobody hopeless who only has to hear of it.
TEST_F(PublisherTest, ManyPrefixesThatGoAtOnceMakeNobodyHopeless) {
  bring_up(0);
  for (std::uint32_t i = 0; i < 3000; ++i) announce(1, numbered(i), {.as_path = path({200})});
  publish();
  drain(0);
  for (std::uint32_t i = 0; i < 3000; ++i) withdraw(1, numbered(i));
  publish();
  EXPECT_TRUE(publisher_.has_output(PeerId{0}));
  EXPECT_TRUE(publisher_.hopeless().empty());
}

TEST_F(PublisherTest, VirtualNextHopsAreToldAndTakenBack) {
  std::map<net::Prefix, net::IpAddress> virtual_next_hops{
      {prefix("10.0.0.0/24"), address("172.0.1.7")}};
  publisher_.set_next_hops([&](PeerId client, const net::Prefix& what) {
    const auto found = virtual_next_hops.find(what);
    const bool has = client == PeerId{0} && found != virtual_next_hops.end();
    return has ? std::optional(found->second) : std::nullopt;
  });
  publisher_.set_virtual(PeerId{0}, true);
  bring_up(0);
  bring_up(2);
  announce(1, "10.0.0.0/24");
  publish();
  drain_all();
  const auto next_hop = [&](std::uint16_t client) {
    return fakes_.at(client).routes(prefix("10.0.0.0/24")).front().next_hop;
  };
  EXPECT_EQ(next_hop(0), address("172.0.1.7"));
  EXPECT_EQ(next_hop(2), address("172.0.0.2"));
  EXPECT_EQ(publisher_.told_next_hop(PeerId{0}, *rib_.find(prefix("10.0.0.0/24"))),
            address("172.0.1.7"));
  virtual_next_hops.clear();
  publisher_.look_again(PeerId{0});
  drain_all();
  EXPECT_EQ(next_hop(0), address("172.0.0.2"));
  const std::size_t announced = fakes_.at(0).announced();
  publisher_.look_again(PeerId{0});
  drain_all();
  EXPECT_EQ(fakes_.at(0).announced(), announced) << "nothing was different";
}

TEST_F(PublisherTest, ClientsWithOneVirtualNextHopAreToldTogether) {
  publisher_.set_next_hops([&](PeerId client, const net::Prefix&) {
    return std::optional(address(client == PeerId{3} ? "172.0.1.8" : "172.0.1.7"));
  });
  using Numbers = std::vector<std::uint16_t>;
  for (const std::uint16_t client : Numbers{0, 2, 3}) publisher_.set_virtual(PeerId{client}, true);
  for (const std::uint16_t client : Numbers{0, 1, 2, 3}) bring_up(client);
  drain_all();
  announce(1, "10.0.0.0/24");
  publish();
  const auto told = [&](std::uint16_t client) { return publisher_.output(PeerId{client}); };
  ASSERT_EQ(told(0).size(), 1U);
  EXPECT_EQ(told(0).front().data(), told(2).front().data()) << "the same octets";
  EXPECT_NE(told(0).front().data(), told(3).front().data());
  drain_all();
  EXPECT_EQ(fakes_.at(2).routes(prefix("10.0.0.0/24")).front().next_hop, address("172.0.1.7"));
  EXPECT_EQ(fakes_.at(3).routes(prefix("10.0.0.0/24")).front().next_hop, address("172.0.1.8"));
}

TEST_F(PublisherTest, NextHopsOfAGroupOfPrefixesAreAskedForOnceAVersion) {
  publisher_.set_next_hops([](PeerId, const net::Prefix&) { return std::nullopt; });
  std::size_t asked = 0;
  std::uint64_t version = 1;
  publisher_.set_hops_by_group(
      {.group = [&](EntryId what) { return rib_.prefix(what) == prefix("10.9.0.0/24") ? 0U : 7U; },
       .hops =
           [&](std::uint64_t group, net::Family family, const ClientSet&, HopGroups& groups) {
             EXPECT_EQ(group, 7U);
             EXPECT_EQ(family, net::Family::kIpv4);
             ++asked;
             ClientSet one;
             one.insert(PeerId{0});
             groups = {
                 {.next_hop = address(version == 1 ? "172.0.1.7" : "172.0.1.8"), .clients = one}};
           },
       .version = [&] { return version; }});
  publisher_.set_virtual(PeerId{0}, true);
  bring_up(0);
  bring_up(2);
  drain_all();
  for (const auto* each : {"10.0.0.0/24", "10.1.0.0/24", "10.9.0.0/24", "10.2.0.0/24"}) {
    announce(1, each);
  }
  publish();
  drain_all();
  EXPECT_EQ(asked, 1U);
  const auto next_hop = [&](std::uint16_t client, std::string_view of) {
    return fakes_.at(client).routes(prefix(of)).front().next_hop;
  };
  for (const auto* each : {"10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24"}) {
    EXPECT_EQ(next_hop(0, each), address("172.0.1.7"));
    EXPECT_EQ(next_hop(2, each), address("172.0.0.2"));
  }
  EXPECT_EQ(next_hop(0, "10.9.0.0/24"), address("172.0.0.2"));
  const auto publish_another = [&](std::string_view what) {
    announce(1, what);
    publish();
    drain_all();
    return next_hop(0, what);
  };
  EXPECT_EQ(publish_another("10.3.0.0/24"), address("172.0.1.7"));
  EXPECT_EQ(asked, 1U);
  version = 2;
  EXPECT_EQ(publish_another("10.4.0.0/24"), address("172.0.1.8"));
  EXPECT_EQ(asked, 2U);
  publisher_.set_virtual(PeerId{2}, true);
  EXPECT_EQ(publish_another("10.5.0.0/24"), address("172.0.1.8"));
  EXPECT_EQ(asked, 3U) << "for others too";
}

TEST_F(PublisherTest, ASessionWithAddPathHasTheBestRouteAloneWhileItsMemberHasVirtualNextHops) {
  publisher_.set_next_hops([](PeerId, const net::Prefix&) { return std::nullopt; });
  bring_up(0, {.families = kBoth, .add_path = kBoth});
  bring_up(1);
  bring_up(2);
  announce(1, "10.0.0.0/24");
  announce(2, "10.0.0.0/24");
  publish();
  drain(0);
  EXPECT_EQ(routes(0, "10.0.0.0/24"), 2U);
  publisher_.set_virtual(PeerId{0}, true);
  publisher_.look_again(PeerId{0});
  drain(0);
  EXPECT_EQ(routes(0, "10.0.0.0/24"), 1U);
  publisher_.shed(PeerId{0});
  announce(1, "10.0.0.0/24", {200, 7, 8});
  publish();
  drain(0);
  EXPECT_EQ(routes(0, "10.0.0.0/24"), 1U);
  publisher_.set_virtual(PeerId{0}, false);
  publisher_.look_again(PeerId{0});
  drain(0);
  EXPECT_EQ(routes(0, "10.0.0.0/24"), 2U);
}

}  // namespace
}  // namespace fabrix::routeserver
