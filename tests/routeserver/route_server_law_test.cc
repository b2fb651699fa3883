// The law of the route server: whatever happened, in whatever order and however slowly members
// listened, in the end each has what it would have been told from scratch.
#include <algorithm>
#include <deque>
#include <memory>

#include <gtest/gtest.h>

#include "routeserver/route_server.h"
#include "tests/routeserver/fake_peer.h"
#include "tests/routeserver/oracle.h"
#include "tests/routeserver/random_exchange.h"

namespace fabrix::routeserver {
namespace {

// An exchange, its route server, and the routers of its members.
class RandomWorld {
 public:
  explicit RandomWorld(unsigned seed) : dice_(seed), exchange_(random_exchange(dice_)) {
    server_.set_next_hops([this](net::ParticipantId client, const net::Prefix& prefix) {
      const auto found = oracle_.next_hops.find({client, prefix});
      const bool has = oracle_.virtuals.contains(client) && found != oracle_.next_hops.end();
      return has ? std::optional(found->second) : std::nullopt;
    });
    peers_.resize(server_.peers().size());
  }

  void step() {
    using Event = void (RandomWorld::*)();
    struct Weighted {
      std::uint32_t weight;
      Event event;
    };
    static constexpr std::array kEvents{
        Weighted{40, &RandomWorld::announce},      Weighted{20, &RandomWorld::withdraw},
        Weighted{6, &RandomWorld::bring_up},       Weighted{1, &RandomWorld::bring_down},
        Weighted{4, &RandomWorld::lose},           Weighted{2, &RandomWorld::drop_stale},
        Weighted{2, &RandomWorld::keep_long},      Weighted{2, &RandomWorld::change_usability},
        Weighted{3, &RandomWorld::refresh},        Weighted{3, &RandomWorld::change_next_hops},
        Weighted{1, &RandomWorld::change_virtual}, Weighted{4, &RandomWorld::shed},
        Weighted{3, &RandomWorld::release},        Weighted{15, &RandomWorld::take},
        Weighted{15, &RandomWorld::publish_taken}, Weighted{40, &RandomWorld::listen},
    };
    std::uint32_t sum = 0;
    for (const Weighted& each : kEvents) sum += each.weight;
    std::uint32_t left = dice_.below(sum);
    for (const Weighted& each : kEvents) {
      if (left < each.weight) return (this->*each.event)();
      left -= each.weight;
    }
  }

  // Everything is published, and everyone has listened.
  void settle() {
    while (!taken_.empty()) publish_taken();
    server_.release_waiting();
    if (dice_.one_in(2)) {
      server_.publish(server_.take_changed());
    } else {
      while (server_.has_changed()) server_.publish_changed(1 + dice_.below(5));
    }
    for (const Peer& peer : server_.peers()) drain(peer.id);
  }

  void check() {
    for (const Peer& peer : server_.peers()) {
      SCOPED_TRACE("client " + peer.address.to_string() + describe(peer.id));
      if (peers_[peer.id.index()]) check_table(peer.id, *peers_[peer.id.index()]);
    }
    check_reachability();
  }

  void end_everything() {
    for (const Peer& peer : server_.peers()) {
      server_.session_down(peer.id);
      peers_[peer.id.index()].reset();
    }
    server_.release_waiting();
    server_.publish(server_.take_changed());
    EXPECT_EQ(server_.path_count(), 0U);
    EXPECT_EQ(server_.prefix_count(), 0U);
  }

 private:
  using Route = Oracle::Route;

  std::string describe(PeerId id) const {
    const auto& session = oracle_.sessions[id.index()];
    if (!session.info) return " down";
    std::string text = " AS" + std::to_string(session.peer.asn.value);
    if (session.info->add_path.ipv4) text += " add-path4";
    if (session.info->add_path.ipv6) text += " add-path6";
    if (session.info->enhanced_refresh) text += " enhanced";
    if (oracle_.virtuals.contains(session.peer.participant)) text += " virtual";
    return text;
  }

  const Peer& any_peer() { return dice_.of(server_.peers()); }
  // Null if there is none.
  const Peer* any_up() {
    std::vector<const Peer*> up;
    for (const Peer& peer : server_.peers()) {
      if (server_.is_up(peer.id)) up.push_back(&peer);
    }
    return up.empty() ? nullptr : dice_.of(up);
  }

  net::IpAddress next_hop_of(const Peer& from, net::Family family) {
    const auto& own = exchange_.router(from.router).addresses;
    if (dice_.one_in(25)) {
      return family == net::Family::kIpv4 ? address("172.0.9.9") : address("2001:db8:ff::999");
    }
    const bool extended = oracle_.sessions[from.id.index()].info->extended_next_hop;
    std::vector<net::IpAddress> fit;
    for (const auto& each : own) {
      const bool other = extended && family == net::Family::kIpv4;
      if (each.family() == family || other) fit.push_back(each);
    }
    return fit.empty() ? address("2001:db8:ff::999") : dice_.of(fit);
  }

  Urgency any_urgency() { return dice_.one_in(3) ? Urgency::kMayWait : Urgency::kNext; }

  void announce() {
    const Peer* const from = any_up();
    if (from == nullptr) return;
    const auto attributes =
        std::make_shared<const bgp::PathAttributes>(random_attributes(dice_, from->asn));
    const auto family = dice_.of(prefix_pool()).family();
    bgp::Announcement announcement{.family = family, .next_hop = next_hop_of(*from, family)};
    for (std::uint32_t n = 1 + dice_.below(4); n > 0; --n) {
      const net::Prefix& prefix = dice_.of(prefix_pool());
      if (prefix.family() != family) continue;
      announcement.prefixes.push_back(prefix);
      oracle_.routes[prefix][from->id] =
          Route{.attributes = *attributes, .next_hop = announcement.next_hop};
    }
    if (announcement.prefixes.empty()) return;
    bgp::UpdateMessage update;
    update.announced = {announcement};
    update.attributes = attributes;
    server_.update(from->id, update, any_urgency());
  }

  void withdraw() {
    const Peer* const from = any_up();
    if (from == nullptr) return;
    bgp::UpdateMessage update;
    for (std::uint32_t n = 1 + dice_.below(4); n > 0; --n) {
      update.withdrawn.push_back(dice_.of(prefix_pool()));
      oracle_.routes[update.withdrawn.back()].erase(from->id);
    }
    server_.update(from->id, update, any_urgency());
  }

  void bring_up() {
    const Peer& peer = any_peer();
    if (server_.is_up(peer.id) && !dice_.one_in(8)) return;
    // Neither the order of addresses nor that of ids; and now and then a router of another name.
    const std::uint32_t usual = (peer.id.value * 7U) % 5U + 1U;
    const auto info = random_session(dice_, dice_.one_in(3) ? 1 + dice_.below(6) : usual);
    server_.session_up(peer.id, info);
    peers_[peer.id.index()] = std::make_unique<FakePeer>(info);
    oracle_.sessions[peer.id.index()].info = info;
    oracle_.sessions[peer.id.index()].last = info;
  }

  void forget_routes(PeerId peer,
                     const std::function<bool(const net::Prefix&, const Route&)>& leaves) {
    for (auto& [prefix, routes] : oracle_.routes) {
      const auto own = routes.find(peer);
      if (own != routes.end() && leaves(prefix, own->second)) routes.erase(own);
    }
  }
  void end_session(PeerId peer) {
    oracle_.sessions[peer.index()].info.reset();
    peers_[peer.index()].reset();
  }

  void bring_down() {
    const Peer& peer = any_peer();
    server_.session_down(peer.id);
    end_session(peer.id);
    forget_routes(peer.id, [](const auto&, const Route&) { return true; });
  }

  void lose() {
    const Peer& peer = any_peer();
    const bgp::FamilySet kept{.ipv4 = !dice_.one_in(4), .ipv6 = !dice_.one_in(4)};
    server_.session_lost(peer.id, kept);
    end_session(peer.id);
    forget_routes(peer.id, [&](const net::Prefix& prefix, const Route& route) {
      return route.stale || !kept.contains(prefix.family());
    });
    for (auto& [prefix, routes] : oracle_.routes) {
      const auto own = routes.find(peer.id);
      if (own != routes.end()) own->second.stale = true;
    }
  }

  void drop_stale() {
    const Peer& peer = any_peer();
    const net::Family family = dice_.of(prefix_pool()).family();
    server_.drop_stale(peer.id, family);
    forget_routes(peer.id, [&](const net::Prefix& prefix, const Route& route) {
      return route.stale && prefix.family() == family;
    });
  }

  void keep_long() {
    const Peer& peer = any_peer();
    const net::Family family = dice_.of(prefix_pool()).family();
    server_.keep_stale_long(peer.id, family);
    constexpr bgp::Community kNoLlgr{0xffff0007};
    forget_routes(peer.id, [&](const net::Prefix& prefix, const Route& route) {
      const auto& said = route.attributes.communities;
      const bool refuses = std::ranges::find(said, kNoLlgr) != said.end();
      return route.stale && prefix.family() == family && refuses;
    });
    for (auto& [prefix, routes] : oracle_.routes) {
      const auto own = routes.find(peer.id);
      const bool is_meant = own != routes.end() && prefix.family() == family && own->second.stale;
      if (is_meant) own->second.long_lived = true;
    }
  }

  void change_usability() {
    const auto id = any_peer().participant;
    const bool was_unusable = oracle_.unusable.erase(id) > 0;
    if (!was_unusable) oracle_.unusable.insert(id);
    server_.set_usable(id, was_unusable ? Usability::kUsable : Usability::kUnusable);
  }

  void refresh() {
    if (const Peer* const peer = any_up()) {
      server_.refresh(peer->id, dice_.of(prefix_pool()).family());
    }
  }

  void change_next_hops() {
    if (oracle_.virtuals.empty()) return;
    const std::vector all(oracle_.virtuals.begin(), oracle_.virtuals.end());
    const auto client = dice_.of(all);
    for (std::uint32_t n = 1 + dice_.below(4); n > 0; --n) {
      const net::Prefix& prefix = dice_.of(prefix_pool());
      const std::string number = std::to_string(1 + dice_.below(3));
      const auto next_hop = prefix.family() == net::Family::kIpv4
                                ? address("172.0.200." + number)
                                : address("2001:db8:ff:0:1::" + number);
      if (dice_.one_in(3)) {
        oracle_.next_hops.erase({client, prefix});
      } else {
        oracle_.next_hops.insert_or_assign({client, prefix}, next_hop);
      }
    }
    server_.publish_all(client);
  }

  void change_virtual() {
    const auto client = any_peer().participant;
    const bool was = oracle_.virtuals.erase(client) > 0;
    if (!was) oracle_.virtuals.insert(client);
    server_.set_virtual(client, !was);
    server_.publish_all(client);
  }

  void shed() {
    if (const Peer* const peer = any_up()) server_.shed(peer->id);
  }

  void take() {
    if (server_.has_changed()) taken_.push_back(server_.take_changed());
  }

  void release() { server_.release_waiting(); }

  void publish_taken() {
    if (taken_.empty()) return;
    server_.publish(taken_.front());
    taken_.pop_front();
  }

  // A client takes some whole messages of what is there for it.
  void listen() {
    const Peer* const peer = any_up();
    if (peer != nullptr) hear(peer->id, 1 + dice_.below(4));
  }

  void hear(PeerId id, std::size_t most) {
    std::size_t count = 0;
    std::vector<std::byte> heard;
    for (const auto piece : server_.output(id)) {
      for (auto rest = piece; !rest.empty() && count < most; ++count) {
        const std::size_t length =
            std::to_integer<std::size_t>(rest[16]) << 8U | std::to_integer<std::size_t>(rest[17]);
        ASSERT_LE(length, rest.size()) << "a piece ends within a message";
        heard.insert(heard.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(length));
        rest = rest.subspan(length);
      }
    }
    server_.sent(id, heard.size());
    peers_[id.index()]->take(heard);
  }

  void drain(PeerId id) {
    for (int i = 0; server_.has_output(id); ++i) {
      ASSERT_LT(i, 100'000) << "no end of output";
      hear(id, 1000);
    }
  }

  void check_table(PeerId id, const FakePeer& peer) {
    EXPECT_TRUE(peer.faults().empty()) << peer.faults().front();
    for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
      const bool has = peer.info().families.contains(family);
      EXPECT_EQ(peer.ends_of_rib(family), has ? 1 : 0) << "RFC 4724 §2";
      EXPECT_FALSE(peer.in_refresh(family)) << "RFC 7313 §4";
    }
    for (const net::Prefix& prefix : prefix_pool()) {
      SCOPED_TRACE(prefix.to_string());
      const auto wanted = oracle_.expected(id, prefix);
      auto heard = peer.routes(prefix);
      EXPECT_EQ(heard.size(), wanted.size());
      for (const Heard& each : wanted) {
        const auto found = std::ranges::find(heard, each);
        if (found == heard.end()) {
          ADD_FAILURE() << "lacks " << to_string(each)
                        << (heard.empty() ? "" : ", has " + to_string(heard.front()));
        } else {
          heard.erase(found);
        }
      }
      if (wanted.empty() && !heard.empty()) ADD_FAILURE() << "has " << to_string(heard.front());
      check_told(id, prefix);
    }
    EXPECT_EQ(server_.told_count(id, net::Family::kIpv4), in_view(id, net::Family::kIpv4));
    EXPECT_EQ(server_.told_count(id, net::Family::kIpv6), in_view(id, net::Family::kIpv6));
  }

  std::size_t in_view(PeerId id, net::Family family) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(prefix_pool(), [&](const net::Prefix& prefix) {
          return prefix.family() == family && !oracle_.ranking(id, prefix).empty();
        }));
  }

  // What the route server believes that it said.
  void check_told(PeerId id, const net::Prefix& prefix) {
    const auto told = server_.told(id, prefix);
    const auto ranked = oracle_.ranking(id, prefix);
    const bool has_family = oracle_.sessions[id.index()].info->families.contains(prefix.family());
    ASSERT_EQ(told.has_value(), has_family && !ranked.empty());
    if (!told) return;
    const Heard normal_told{.attributes = normal(told->attributes), .next_hop = told->next_hop};
    EXPECT_EQ(normal_told, oracle_.told(id, prefix, ranked.front())) << to_string(normal_told);
  }

  void check_reachability() {
    for (const exchange::Participant& client : exchange_.participants) {
      SCOPED_TRACE("reachability of " + client.name);
      const PeerId voice = std::ranges::find(server_.peers(), client.id, &Peer::participant)->id;
      // Of a session that is gone nobody knows whether it understands such routes.
      if (!server_.is_up(voice) && oracle_.keeps_long()) continue;
      std::vector<net::Prefix> reachable;
      for (const net::Prefix& prefix : prefix_pool()) {
        exchange::Routes wanted;
        for (const PeerId from : oracle_.ranking(voice, prefix)) {
          const auto router = server_.peer(from).router;
          if (std::ranges::find(wanted, router) == wanted.end()) wanted.push_back(router);
        }
        EXPECT_EQ(server_.routes(client.id, prefix), wanted) << prefix.to_string();
        if (!wanted.empty()) reachable.push_back(prefix);
        check_exclusions(client.id, prefix, oracle_.ranking(voice, prefix));
      }
      check_resolve(client.id, reachable);
    }
  }

  void check_exclusions(net::ParticipantId client, const net::Prefix& prefix,
                        const std::vector<PeerId>& usable) {
    for (const auto& route : server_.all_routes(prefix)) {
      const bool is_usable = std::ranges::find(usable, route.peer) != usable.end();
      EXPECT_EQ(!server_.why_not(client, route), is_usable);
    }
  }

  void check_resolve(net::ParticipantId client, const std::vector<net::Prefix>& reachable) {
    const auto where = address(dice_.one_in(2) ? "10.1.2.3" : "2001:db8:1::1");
    std::optional<net::Prefix> longest;
    for (const net::Prefix& prefix : reachable) {
      if (prefix.contains(where) && (!longest || prefix.length() > longest->length())) {
        longest = prefix;
      }
    }
    EXPECT_EQ(server_.resolve(client, where), longest);
  }

  Dice dice_;
  exchange::Exchange exchange_;
  RouteServer server_{exchange_};
  Oracle oracle_{exchange_, server_.peers()};
  std::vector<std::unique_ptr<FakePeer>> peers_;           // by PeerId; null: down
  std::deque<std::vector<exchange::PlacedPrefix>> taken_;  // and not published yet
};

class RouteServerLaw : public testing::TestWithParam<unsigned> {};

TEST_P(RouteServerLaw, EveryoneHasWhatItWouldHaveBeenToldFromScratch) {
  for (unsigned seed = GetParam(); seed < GetParam() + 2; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomWorld world(seed);
    for (int step = 0; step < 700; ++step) {
      world.step();
      if (step % 40 != 39) continue;
      SCOPED_TRACE("step " + std::to_string(step));
      world.settle();
      world.check();
      if (testing::Test::HasFailure()) return;
    }
    world.settle();
    world.end_everything();
    if (testing::Test::HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RouteServerLaw,
                         testing::Values(1U, 101U, 201U, 301U, 401U, 501U, 601U, 701U));

}  // namespace
}  // namespace fabrix::routeserver
