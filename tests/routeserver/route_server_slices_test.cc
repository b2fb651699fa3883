// Time is no input: the same messages in the same order leave every member with the same routes,
// however they are spread over turns of the event loop, whenever changes are published, and however
// members listen meanwhile.
#include <algorithm>
#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "routeserver/route_server.h"
#include "tests/routeserver/fake_peer.h"
#include "tests/routeserver/random_exchange.h"

namespace fabrix::routeserver {
namespace {

// What comes in.
struct Input {
  enum class Kind : std::uint8_t { kUp, kLost, kDown, kUpdate, kRefresh };
  Kind kind = Kind::kUpdate;
  PeerId peer;
  SessionInfo info;     // kUp
  bgp::FamilySet kept;  // kLost
  bgp::UpdateMessage update;
  net::Family family = net::Family::kIpv4;  // kRefresh
};

bgp::UpdateMessage random_update(Dice& dice, const Peer& from) {
  bgp::UpdateMessage update;
  for (std::uint32_t n = dice.below(4); n > 0; --n) {
    update.withdrawn.push_back(dice.of(prefix_pool()));
  }
  const auto is_withdrawn = [&](const net::Prefix& prefix) {
    return std::ranges::find(update.withdrawn, prefix) != update.withdrawn.end();
  };
  bgp::Announcement announcement{.family = from.address.family(), .next_hop = from.address};
  for (std::uint32_t n = 1 + dice.below(5); n > 0; --n) {
    const net::Prefix& prefix = dice.of(prefix_pool());
    if (prefix.family() != announcement.family || is_withdrawn(prefix)) continue;
    announcement.prefixes.push_back(prefix);
  }
  if (announcement.prefixes.empty()) return update;
  update.announced = {announcement};
  update.attributes =
      std::make_shared<const bgp::PathAttributes>(random_attributes(dice, from.asn));
  return update;
}

std::vector<Input> random_script(Dice& dice, const std::vector<Peer>& peers) {
  std::vector<bool> up(peers.size());
  std::vector<Input> script;
  for (int i = 0; i < 250; ++i) {
    const Peer& peer = dice.of(peers);
    Input input{.peer = peer.id};
    if (!up[peer.id.index()] || dice.one_in(60)) {
      input.kind = Input::Kind::kUp;
      input.info = random_session(dice, 1 + dice.below(6));
    } else if (dice.one_in(30)) {
      input.kind = Input::Kind::kLost;
      input.kept = {.ipv4 = !dice.one_in(4), .ipv6 = !dice.one_in(4)};
    } else if (dice.one_in(60)) {
      input.kind = Input::Kind::kDown;
    } else if (dice.one_in(40)) {
      input.kind = Input::Kind::kRefresh;
    } else {
      input.update = random_update(dice, peer);
    }
    up[peer.id.index()] = input.kind != Input::Kind::kLost && input.kind != Input::Kind::kDown;
    script.push_back(std::move(input));
  }
  return script;
}

class Play {
 public:
  using Tables = std::vector<FakePeer::Table>;  // by PeerId
  using Slice = std::function<void(Play&)>;

  explicit Play(const exchange::Exchange& exchange) : server_(exchange) {
    peers_.resize(server_.peers().size());
  }

  // Does `slice` after each input, and finishes what it left.
  Tables run(const std::vector<Input>& script, const Slice& slice) {
    for (const Input& input : script) {
      take(input);
      slice(*this);
    }
    publish(SIZE_MAX);
    for (const Peer& peer : server_.peers()) listen(peer.id, SIZE_MAX);
    Tables tables;
    for (const auto& peer : peers_) tables.push_back(peer ? peer->table() : FakePeer::Table{});
    return tables;
  }

  void publish(std::size_t most) { server_.publish_changed(most); }
  void shed(PeerId id) { server_.shed(id); }
  // The member takes so many messages.
  void listen(PeerId id, std::size_t most) {
    std::size_t count = 0;
    while (server_.has_output(id) && count < most) {
      std::vector<std::byte> heard;
      for (const auto piece : server_.output(id)) {
        for (auto rest = piece; !rest.empty() && count < most; ++count) {
          const auto length =
              std::to_integer<std::size_t>(rest[16]) << 8U | std::to_integer<std::size_t>(rest[17]);
          heard.insert(heard.end(), rest.begin(),
                       rest.begin() + static_cast<std::ptrdiff_t>(length));
          rest = rest.subspan(length);
        }
      }
      server_.sent(id, heard.size());
      peers_[id.index()]->take(heard);
      EXPECT_TRUE(peers_[id.index()]->faults().empty());
    }
  }
  const std::vector<Peer>& peers() const { return server_.peers(); }

 private:
  void take(const Input& input) {
    auto& peer = peers_[input.peer.index()];
    switch (input.kind) {
      case Input::Kind::kUp:
        server_.session_up(input.peer, input.info);
        peer = std::make_unique<FakePeer>(input.info);
        return;
      case Input::Kind::kLost:
        server_.session_lost(input.peer, input.kept);
        return peer.reset();
      case Input::Kind::kDown:
        server_.session_down(input.peer);
        return peer.reset();
      case Input::Kind::kUpdate:
        server_.update(input.peer, input.update);
        return;
      case Input::Kind::kRefresh:
        return server_.refresh(input.peer, input.family);
    }
  }

  RouteServer server_;
  std::vector<std::unique_ptr<FakePeer>> peers_;  // by PeerId; null: down
};

// The same routes, in as many UPDATEs as there are.
std::vector<Input> one_route_an_update(const std::vector<Input>& script) {
  std::vector<Input> parts;
  for (const Input& input : script) {
    if (input.kind != Input::Kind::kUpdate) {
      parts.push_back(input);
      continue;
    }
    for (const net::Prefix& prefix : input.update.withdrawn) {
      parts.push_back({.peer = input.peer});
      parts.back().update.withdrawn = {prefix};
    }
    for (const bgp::Announcement& announcement : input.update.announced) {
      for (const net::Prefix& prefix : announcement.prefixes) {
        parts.push_back({.peer = input.peer});
        bgp::Announcement alone = announcement;
        alone.prefixes = {prefix};
        parts.back().update.announced = {alone};
        parts.back().update.attributes = input.update.attributes;
      }
    }
  }
  return parts;
}

class RouteServerSlices : public testing::TestWithParam<unsigned> {};

TEST_P(RouteServerSlices, TheSameMessagesEndInTheSameStateHoweverTheyAreSliced) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  Dice dice(GetParam());
  const auto exchange = random_exchange(dice);
  const auto script = random_script(dice, RouteServer(exchange).peers());
  const auto at_once = Play(exchange).run(script, [](Play&) {});
  const auto all_told = [](Play& play) {
    play.publish(SIZE_MAX);
    for (const Peer& peer : play.peers()) play.listen(peer.id, SIZE_MAX);
  };
  EXPECT_EQ(Play(exchange).run(script, all_told), at_once);
  EXPECT_EQ(Play(exchange).run(one_route_an_update(script), [](Play&) {}), at_once);
  for (int run = 0; run < 4; ++run) {
    const auto somehow = [&](Play& each) {
      if (dice.one_in(3)) each.publish(1 + dice.below(6));
      if (dice.one_in(3)) each.listen(dice.of(each.peers()).id, 1 + dice.below(3));
      if (dice.one_in(20)) each.shed(dice.of(each.peers()).id);
    };
    EXPECT_EQ(Play(exchange).run(script, somehow), at_once) << "run " << run;
    EXPECT_EQ(Play(exchange).run(one_route_an_update(script), somehow), at_once) << "run " << run;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RouteServerSlices, testing::Range(1U, 13U));

}  // namespace
}  // namespace fabrix::routeserver
