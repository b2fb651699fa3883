#include "verify/route_bound.h"

#include <gtest/gtest.h>

#include "verify/traffic.h"

namespace fabrix::verify {
namespace {

policy::ClauseList list_of(policy::Clause clause) {
  policy::ClauseList list;
  list.clauses.push_back(std::move(clause));
  return list;
}

TEST(RouteBoundTest, AForwardingClauseAsksTagsAlone) {
  EXPECT_FALSE(depends_on_routes({}));
  EXPECT_FALSE(depends_on_routes(list_of({.when = equals(net::Field::kDstPort, 80),
                                          .writes = {},
                                          .verdict = policy::Forward{{net::ParticipantId{1}, {}}},
                                          .at = {}})));
}

TEST(RouteBoundTest, AnnouncedPrefixesAnywhereInAConditionAskTheRoutes) {
  const auto set = std::make_shared<const policy::Predicate>(policy::Predicate{
      policy::InPrefixesOf{.participant = net::ParticipantId{1}, .side = policy::Side::kSource}});
  for (const auto& when : {set, negation(set), all_of({is_ip(), set}), any_of({set, is_ip()})}) {
    EXPECT_TRUE(depends_on_routes(
        list_of({.when = when, .writes = {}, .verdict = policy::Drop{}, .at = {}})));
  }
}

TEST(RouteBoundTest, AWrittenDestinationAsksTheRoutes) {
  EXPECT_TRUE(depends_on_routes(list_of({.when = is_ip(),
                                         .writes = {{net::Field::kDstIp4, 1}},
                                         .verdict = policy::UseDefault{},
                                         .at = {}})));
}

}  // namespace
}  // namespace fabrix::verify
