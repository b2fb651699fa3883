#include "compiler/trouble.h"

#include <gtest/gtest.h>

#include "tests/compiler/world.h"

namespace fabrix::compiler {
namespace {

TEST(TroubleTest, NamesWhoseInboundPolicyDoesNotApply) {
  const auto exchange = make_exchange({1, 1});
  ClassKeys keys;
  std::vector<Sender> senders;
  for (const auto& each : exchange.participants) senders.emplace_back(exchange, keys, each.id);
  Counting sent(policy::Direction::kOutbound);
  Counting delivered(policy::Direction::kInbound);
  sent.resize(2);
  delivered.resize(2);
  const std::set<net::ParticipantId> none;
  const std::set<net::ParticipantId> second{participant(1)};
  const RouteTable routes(exchange);
  const SourceSets sources(exchange, routes);
  const Trouble nothing{exchange, senders, sent, delivered, none, none, sources};
  EXPECT_TRUE(problems(nothing).empty());
  EXPECT_TRUE(shortfalls(nothing).empty());
  const Trouble trouble{exchange, senders, sent, delivered, none, second, sources};
  const auto told = problems(trouble);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told.front().code, "K0103");
  EXPECT_NE(told.front().message.find("inbound policy of B"), std::string::npos);
  const auto known = shortfalls(trouble);
  ASSERT_EQ(known.size(), 1U);
  EXPECT_EQ(known.front().owner, participant(1));
  EXPECT_TRUE(known.front().no_inbound);
}

}  // namespace
}  // namespace fabrix::compiler
