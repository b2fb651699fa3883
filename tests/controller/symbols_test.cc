#include "controller/symbols.h"

#include <gtest/gtest.h>

#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

TEST(SymbolsTest, NamesEveryParticipantWithItsPortsInOrder) {
  const auto exchange = four_members();
  const auto symbols = symbols_for(exchange, exchange.find_participant("A")->id);
  EXPECT_EQ(symbols.owner, exchange.find_participant("A")->id);
  ASSERT_EQ(symbols.participants.size(), 4U);
  EXPECT_FALSE(symbols.participants[0].peer) << "nobody is his own peer";
  const auto& c = symbols.participants[2];
  EXPECT_EQ(c.name, "C");
  EXPECT_TRUE(c.peer);
  ASSERT_EQ(c.ports.size(), 2U);
  EXPECT_EQ(c.ports[1].router_name, "c2");
  EXPECT_EQ(c.ports[1].port, net::PortNo{5});
}

TEST(SymbolsTest, OnlyThoseWhoNameEachOtherArePeers) {
  auto exchange = four_members();
  const auto a = exchange.find_participant("A")->id;
  const auto b = exchange.find_participant("B")->id;
  exchange.participants[a.index()].peers = {{b}};
  const auto symbols = symbols_for(exchange, a);
  EXPECT_TRUE(symbols.participants[1].peer);
  EXPECT_FALSE(symbols.participants[2].peer);
}

}  // namespace
}  // namespace fabrix::controller
