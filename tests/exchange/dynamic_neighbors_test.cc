#include "exchange/dynamic_neighbors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exchange/reload.h"
#include "tests/exchange/policies.h"

namespace fabrix::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

net::IpAddress address(std::string_view text) {
  return *net::IpAddress::parse(text);
}

// kGood, where 172.0.0.1 is A's and 172.0.0.11 is B's, with these ranges.
Exchange exchange_with(const std::string& ranges) {
  return loaded(with_policies("policy: minimal, dynamic_neighbors: [" + ranges + "]", ""));
}

std::string range_text(const Exchange& exchange, std::string_view at) {
  const DynamicRange* const range = range_of(exchange, address(at));
  return range == nullptr ? "none" : range->prefix.to_string();
}

class DynamicNeighborsTest : public testing::Test {
 protected:
  Exchange exchange_ =
      exchange_with("{prefix: 172.0.0.0/24, limit: 2, asns: [64512..65534]}, {prefix: 10.0.0.0/8}");
};

TEST_F(DynamicNeighborsTest, TheLongestPrefixDecidesAndWhoIsListedGoesBefore) {
  const Exchange exchange = exchange_with(
      "{prefix: 172.0.0.0/16}, {prefix: 172.0.0.0/24}, {prefix: 172.0.0.0/28}, {prefix: '::/0'}");
  EXPECT_EQ(range_text(exchange, "172.0.0.9"), "172.0.0.0/28");
  EXPECT_EQ(range_text(exchange, "172.0.0.99"), "172.0.0.0/24");
  EXPECT_EQ(range_text(exchange, "172.0.9.9"), "172.0.0.0/16");
  EXPECT_EQ(range_text(exchange, "2001:db8::9"), "::/0");
  EXPECT_EQ(range_text(exchange, "10.0.0.1"), "none");
  EXPECT_EQ(range_text(exchange, "172.0.0.1"), "none") << "a1's";
  EXPECT_EQ(range_text(exchange, "2001:db8::1"), "none") << "a1's";
  EXPECT_EQ(range_text(exchange, "172.0.255.254"), "none") << "ours";
  EXPECT_EQ(range_text(exchange, "172.0.1.7"), "none") << "a virtual next hop";
}

TEST_F(DynamicNeighborsTest, ARangeIsOpenToItsAsNumbers) {
  const DynamicRange& some = exchange_.route_server.dynamic[0];
  EXPECT_TRUE(is_welcome(exchange_, some, {64512}));
  EXPECT_TRUE(is_welcome(exchange_, some, {65534}));
  EXPECT_FALSE(is_welcome(exchange_, some, {64511}));
  EXPECT_FALSE(is_welcome(exchange_, some, {65000})) << "the exchange's own is never external";
  const DynamicRange& any = exchange_.route_server.dynamic[1];
  EXPECT_TRUE(is_welcome(exchange_, any, {4200000000}));
  EXPECT_FALSE(is_welcome(exchange_, any, {65000}));
}

TEST_F(DynamicNeighborsTest, ANeighbourIsCalledByAsAndAddressAndHasNoPort) {
  ASSERT_TRUE(add_neighbor(exchange_, address("172.0.0.9"), {64600}));
  const Router* const router = exchange_.find_router(address("172.0.0.9"));
  ASSERT_NE(router, nullptr);
  EXPECT_EQ(router->name, "AS64600-172.0.0.9");
  EXPECT_FALSE(router->present);
  const Participant& owner = exchange_.owner(router->id);
  EXPECT_EQ(owner.name, "AS64600-172.0.0.9");
  EXPECT_EQ(owner.asn, net::Asn{64600});
  EXPECT_TRUE(owner.present);
  EXPECT_EQ(owner.dynamic, exchange_.route_server.dynamic[0].prefix);
  EXPECT_FALSE(owner.policy_file);
  EXPECT_TRUE(exchange_.may_peer(owner.id, exchange_.find_participant("C")->id));
  EXPECT_EQ(range_text(exchange_, "172.0.0.9"), "172.0.0.0/24") << "it may come again";
}

TEST_F(DynamicNeighborsTest, ARangeHasNoMoreThanItsLimit) {
  ASSERT_TRUE(add_neighbor(exchange_, address("172.0.0.9"), {64600}));
  ASSERT_TRUE(add_neighbor(exchange_, address("172.0.0.10"), {64600}));
  const auto third = add_neighbor(exchange_, address("172.0.0.12"), {64600});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error(), NoNeighbor::kLimit);
  EXPECT_TRUE(add_neighbor(exchange_, address("10.0.0.12"), {64600})) << "another range's";
  EXPECT_EQ(neighbors_of(exchange_, exchange_.route_server.dynamic[0]), 2U);
  remove_neighbor(exchange_, address("172.0.0.9"));
  EXPECT_TRUE(add_neighbor(exchange_, address("172.0.0.12"), {64600}));
}

TEST_F(DynamicNeighborsTest, TenThousandOneAfterTheOtherNeedOnePlace) {
  const std::size_t participants = exchange_.participants.size();
  const std::size_t routers = exchange_.routers.size();
  for (std::uint32_t i = 1; i <= 10'000; ++i) {
    const auto own = address("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250));
    ASSERT_TRUE(add_neighbor(exchange_, own, {64600 + i % 100})) << i;
    remove_neighbor(exchange_, own);
    ASSERT_EQ(exchange_.find_router(own), nullptr);
  }
  EXPECT_EQ(exchange_.participants.size(), participants + 1);
  EXPECT_EQ(exchange_.routers.size(), routers + 1);
}

TEST_F(DynamicNeighborsTest, WhoIsListedIsNotTakenAway) {
  remove_neighbor(exchange_, address("172.0.0.1"));
  remove_neighbor(exchange_, address("172.0.0.99"));
  EXPECT_NE(exchange_.find_router(address("172.0.0.1")), nullptr);
}

std::vector<std::string> lines_of(const Reload& reload) {
  std::vector<std::string> lines;
  for (const Change& change : reload.changes) lines.push_back(to_string(change));
  return lines;
}

std::string effects_of(const Reload& reload) {
  std::string text;
  for (const SessionChange& one : reload.sessions) {
    text += one.address.to_string() + ":" + std::to_string(static_cast<int>(one.effect)) + " ";
  }
  return text;
}

TEST_F(DynamicNeighborsTest, AReloadKeepsWhomItHasAPlaceFor) {
  ASSERT_TRUE(add_neighbor(exchange_, address("172.0.0.9"), {64600}));
  ASSERT_TRUE(add_neighbor(exchange_, address("10.0.0.9"), {64601}));
  const auto id = exchange_.find_router(address("10.0.0.9"))->id;
  const auto same = plan(exchange_, exchange_with("{prefix: 172.0.0.0/24, limit: 2, asns: "
                                                  "[64512..65534]}, {prefix: 10.0.0.0/8}"));
  ASSERT_TRUE(same);
  EXPECT_THAT(same->changes, IsEmpty());
  EXPECT_THAT(same->sessions, IsEmpty());

  const auto less = plan(exchange_, exchange_with("{prefix: 10.0.0.0/8}"));
  ASSERT_TRUE(less);
  EXPECT_THAT(lines_of(*less), ElementsAre("neighbours from 172.0.0.0/24: removed",
                                           "participant AS64600-172.0.0.9: removed"));
  ASSERT_EQ(effects_of(*less), "172.0.0.9:1 ") << "removed";
  EXPECT_EQ(less->exchange.find_router(address("10.0.0.9"))->id, id);

  const auto more = plan(less->exchange, exchange_with("{prefix: 10.0.0.0/8}, {prefix: "
                                                       "172.0.0.0/24, limit: 5}"));
  ASSERT_TRUE(more);
  EXPECT_THAT(lines_of(*more), ElementsAre("neighbours from 172.0.0.0/24: added, limit 5"));
  EXPECT_THAT(more->sessions, IsEmpty());
}

TEST_F(DynamicNeighborsTest, AReloadAppliesWhatARangeSaysNow) {
  ASSERT_TRUE(add_neighbor(exchange_, address("10.0.0.9"), {64601}));
  const std::string other = "{prefix: 172.0.0.0/24, limit: 2, asns: [64512..65534]}, ";
  const auto filtered = plan(
      exchange_, exchange_with(other + "{prefix: 10.0.0.0/8, import: {max_prefix: {ipv4: 9}}}"));
  ASSERT_TRUE(filtered);
  EXPECT_THAT(lines_of(*filtered),
              ElementsAre("neighbours from 10.0.0.0/8: max_prefix.ipv4 none -> 9"));
  EXPECT_EQ(effects_of(*filtered), "10.0.0.9:3 ") << "judged again";
  const auto reset =
      plan(exchange_, exchange_with(other + "{prefix: 10.0.0.0/8, session: {hold_time: 30}}"));
  ASSERT_TRUE(reset);
  EXPECT_EQ(effects_of(*reset), "10.0.0.9:2 ") << "reset";
  const auto unwelcome = plan(exchange_, exchange_with(other + "{prefix: 10.0.0.0/8, asns: 7}"));
  ASSERT_TRUE(unwelcome);
  EXPECT_EQ(effects_of(*unwelcome), "10.0.0.9:1 ");
  EXPECT_EQ(unwelcome->exchange.find_router(address("10.0.0.9")), nullptr);
}

TEST_F(DynamicNeighborsTest, APlaceThatIsFreeSurvivesAReload) {
  ASSERT_TRUE(add_neighbor(exchange_, address("10.0.0.9"), {64601}));
  const std::size_t size = exchange_.participants.size();
  remove_neighbor(exchange_, address("10.0.0.9"));
  auto reload = plan(exchange_, exchange_with("{prefix: 10.0.0.0/8}"));
  ASSERT_TRUE(reload);
  ASSERT_TRUE(add_neighbor(reload->exchange, address("10.0.0.10"), {64602}));
  EXPECT_EQ(reload->exchange.participants.size(), size);
}

}  // namespace
}  // namespace fabrix::exchange
