// EngineWorld: the parts of the route server's engine put together without it: what peers announce
// goes to all others that export control lets have it, and each client's FakePeer hears what the
// publisher has for it.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "routeserver/publisher.h"
#include "tests/routeserver/fake_peer.h"
#include "tests/routeserver/world.h"

namespace fabrix::routeserver {

class EngineWorld : public testing::Test {
 protected:
  static constexpr bgp::FamilySet kBoth{.ipv4 = true, .ipv6 = true};
  static constexpr SessionInfo kPlain{.families = kBoth};

  static std::vector<Peer> five_peers() {
    std::vector<Peer> peers;
    for (std::uint16_t i = 0; i < 5; ++i) {
      // The first three peers are A, B, C of the small exchange; C has a second router.
      const std::uint16_t owner = std::min<std::uint16_t>(i, i == 3 ? 2 : 3);
      peers.push_back(
          {.id = PeerId{i},
           .router = net::RouterId{i},
           .participant = net::ParticipantId{owner},
           .asn = net::Asn{(owner + 1U) * 100},
           .address = net::IpAddress::v4({172, 0, 0, static_cast<std::uint8_t>(i + 1)})});
    }
    return peers;
  }
  static std::uint64_t tie(PeerId peer, std::uint32_t) { return peer.value; }

  EngineWorld() { publisher_.set_export_control(&control_); }

  PathId intern(PeerId peer, const bgp::PathAttributes& attributes,
                net::Family family = net::Family::kIpv4) {
    const auto own = peers_[peer.index()].address;
    const PathKey key{.peer = peer,
                      .family = family,
                      .next_hop = family == net::Family::kIpv4 ? own : address("2001:db8:ff::1"),
                      .attributes = std::make_shared<const bgp::PathAttributes>(attributes)};
    return paths_.intern(key, [this](const PathKey& from) { return judge(from); });
  }
  Path judge(const PathKey& key) {
    ClientSet others(peers_.size());
    for (const Peer& each : peers_) {
      if (each.participant != peers_[key.peer.index()].participant) others.insert(each.id);
    }
    ExportClass exports{.rules = control_.rules(*key.attributes, others), .all = {}};
    for (const ExportRule& rule : exports.rules) exports.all |= rule.clients;
    return {.peer = key.peer,
            .family = key.family,
            .next_hop = key.next_hop,
            .attributes = key.attributes,
            .preference = preference_of(*key.attributes, Standing::kNormal),
            .exports = paths_.intern(std::move(exports)),
            .told_next_hop = key.next_hop,
            .told = key.attributes};
  }

  void announce(std::uint16_t from, const net::Prefix& what,
                const bgp::PathAttributes& attributes) {
    const PathId path = intern(PeerId{from}, attributes, what.family());
    rib_.announce(what, {.path = path, .peer = PeerId{from}});
    paths_.release(path);
  }
  void announce(std::uint16_t from, std::string_view what,
                const std::vector<std::uint32_t>& asns = {}) {
    announce(from, prefix(what), {.as_path = path(asns.empty() ? own_path(from) : asns)});
  }
  std::vector<std::uint32_t> own_path(std::uint16_t from) const { return {peers_[from].asn.value}; }
  void withdraw(std::uint16_t from, const net::Prefix& what) { rib_.withdraw(what, PeerId{from}); }
  void publish() { publisher_.publish(rib_.take_changed(SIZE_MAX)); }

  FakePeer& bring_up(std::uint16_t id, const SessionInfo& info = kPlain) {
    publisher_.session_up(PeerId{id}, info);
    fakes_.erase(id);
    return fakes_.emplace(id, info).first->second;
  }
  // It hears so many messages.
  void hear(std::uint16_t id, std::size_t most) {
    std::vector<std::byte> heard;
    std::size_t count = 0;
    for (const auto piece : publisher_.output(PeerId{id})) {
      for (auto rest = piece; !rest.empty() && count < most; ++count) {
        const auto length =
            std::to_integer<std::size_t>(rest[16]) << 8U | std::to_integer<std::size_t>(rest[17]);
        heard.insert(heard.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(length));
        rest = rest.subspan(length);
      }
    }
    publisher_.sent(PeerId{id}, heard.size());
    fakes_.at(id).take(heard);
  }
  void drain(std::uint16_t id) {
    for (int i = 0; publisher_.has_output(PeerId{id}); ++i) {
      ASSERT_LT(i, 10'000) << "no end of output";
      hear(id, SIZE_MAX);
    }
    EXPECT_TRUE(fakes_.at(id).faults().empty());
  }
  void drain_all() {
    for (const auto& [id, fake] : fakes_) drain(id);
  }
  std::size_t routes(std::uint16_t client, std::string_view what) const {
    return fakes_.at(client).routes(prefix(what)).size();
  }

  exchange::Exchange exchange_ = small_exchange();
  std::vector<Peer> peers_ = five_peers();
  ExportControl control_{exchange_, peers_};
  PathStore paths_;
  Rib rib_{paths_, tie};
  Selection selection_{paths_, tie};
  PublisherLimits limits_{.backlog = 100'000, .forgettable = 1000};
  Publisher publisher_{paths_, rib_, selection_, limits_};
  std::map<std::uint16_t, FakePeer> fakes_;
};

// 10.x.y.0/24
inline net::Prefix numbered(std::uint32_t number) {
  const auto address = net::IpAddress::v4(
      {10, static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number), 0});
  return net::Prefix::containing(address, 24).value();
}

}  // namespace fabrix::routeserver
