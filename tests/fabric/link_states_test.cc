#include "fabric/link_states.h"

#include <gtest/gtest.h>

#include "tests/fabric/leaf_spine.h"

namespace fabrix::fabric {
namespace {

using Links = std::set<LinkIndex>;

class LinkStatesTest : public ::testing::Test {
 protected:
  // With all its ports up.
  void connect(SwitchIndex at) {
    links_.connected(at);
    for (const net::PortNo port : links_.ports(at)) links_.on_port(at, port, true);
  }
  void connect_all() {
    for (const SwitchIndex at : {kE1, kE2, kC1, kC2}) connect(at);
  }
  // Probes are sent from each end of each link, and arrive but for those of `lost`.
  void probe_all(const Links& lost = {}) {
    for (LinkIndex link = 0; link < topology_.links.size(); ++link) {
      for (const LinkEnd& end : topology_.links[link]) links_.on_probe_sent(end.at, end.port);
      if (lost.contains(link)) continue;
      const auto& [one, other] = topology_.links[link];
      links_.on_probe(one.at, one.port, probe_of(other));
      links_.on_probe(other.at, other.port, probe_of(one));
    }
  }
  void probe_all(const Links& lost, unsigned times) {
    for (unsigned i = 0; i < times; ++i) probe_all(lost);
  }
  LinkProbe probe_of(const LinkEnd& end) const {
    return {.datapath_id = topology_.switches[end.at].datapath_id, .port = end.port};
  }

  Topology topology_ = leaf_spine();
  LinkStates links_{topology_};
};

TEST_F(LinkStatesTest, NothingIsSaidAgainstLinksOfSwitchesThatAreAway) {
  probe_all({0, 1, 2, 3}, 10);
  EXPECT_TRUE(links_.down().empty() && links_.silent().empty());
  connect(kE1);
  for (int i = 0; i < 10; ++i) links_.on_probe_sent(kE1, net::PortNo{21});
  EXPECT_TRUE(links_.down().empty() && links_.silent().empty());
}

TEST_F(LinkStatesTest, APortThatIsDownTakesItsLinkAway) {
  connect_all();
  EXPECT_TRUE(links_.on_port(kC1, net::PortNo{32}, false));
  EXPECT_EQ(links_.down(), Links{2});
  EXPECT_EQ(links_.fault(2), "port 32 of c1 is down");
  links_.on_port(kC1, net::PortNo{32}, true);
  EXPECT_TRUE(links_.down().empty());
  EXPECT_FALSE(links_.on_port(kE1, net::PortNo{11}, false));  // a member's
}

TEST_F(LinkStatesTest, APortThatASwitchDoesNotHaveIsDown) {
  connect_all();
  links_.connected(kC2);
  links_.on_port(kC2, net::PortNo{31}, true);
  EXPECT_EQ(links_.down(), Links{3});
}

TEST_F(LinkStatesTest, ALinkIsSilentUntilItIsHeardAgain) {
  connect_all();
  probe_all();
  probe_all({1}, LinkStates::kMissed);
  EXPECT_TRUE(links_.silent().empty());
  probe_all({1});
  EXPECT_EQ(links_.silent(), Links{1});
  EXPECT_TRUE(links_.down().empty());
  EXPECT_EQ(links_.fault(1), "no probe arrives at port 22 of e1");
  probe_all();
  EXPECT_TRUE(links_.silent().empty());
}

TEST_F(LinkStatesTest, APortThatComesUpIsGivenTimeToBeHeard) {
  connect_all();
  probe_all({0}, 10);
  links_.on_port(kE1, net::PortNo{21}, false);
  EXPECT_EQ(links_.down(), Links{0});
  EXPECT_TRUE(links_.silent().empty());
  probe_all({0}, 10);
  links_.on_port(kE1, net::PortNo{21}, true);
  EXPECT_TRUE(links_.down().empty() && links_.silent().empty());
}

TEST_F(LinkStatesTest, ASwitchThatGoesAwayLeavesItsPortsAsTheyWere) {
  connect_all();
  links_.on_port(kC1, net::PortNo{31}, false);
  probe_all({2}, 10);
  EXPECT_EQ(links_.silent(), Links{2});
  links_.disconnected(kC1);
  EXPECT_EQ(links_.down(), Links{0});
  EXPECT_TRUE(links_.silent().empty());
}

TEST_F(LinkStatesTest, WrongWiringIsSeenAndSaid) {
  connect_all();
  links_.on_probe(kE1, net::PortNo{21}, {.datapath_id = 0xc2, .port = net::PortNo{31}});
  EXPECT_EQ(links_.down(), Links{0});
  EXPECT_EQ(links_.fault(0), "port 21 of e1 is wired to port 31 of datapath 00000000000000c2");
  probe_all();
  EXPECT_TRUE(links_.down().empty());
}

}  // namespace
}  // namespace fabrix::fabric
