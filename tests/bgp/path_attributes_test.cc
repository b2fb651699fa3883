#include "bgp/path_attributes.h"

#include <functional>
#include <unordered_set>

#include <gtest/gtest.h>

namespace fabrix::bgp {
namespace {

constexpr auto kSet = AsPathSegment::Kind::kSet;

AsPath sequence(std::initializer_list<std::uint32_t> numbers) {
  AsPath path;
  path.segments.emplace_back();
  for (const std::uint32_t number : numbers) path.segments.back().asns.push_back({number});
  return path;
}

TEST(PathAttributesTest, EveryFieldCountsInComparisonAndHash) {
  const std::function<void(PathAttributes&)> changes[] = {
      [](PathAttributes& a) { a.origin = Origin::kEgp; },
      [](PathAttributes& a) { a.as_path = sequence({1}); },
      [](PathAttributes& a) { a.as_path = sequence({2}); },
      [](PathAttributes& a) {
        a.as_path.segments = {{kSet, {net::Asn{1}}}};
      },
      [](PathAttributes& a) { a.med = 0; },
      [](PathAttributes& a) { a.med = 1; },
      [](PathAttributes& a) { a.atomic_aggregate = true; },
      [](PathAttributes& a) {
        a.aggregator = {net::Asn{1}, net::IpAddress::v4({1, 2, 3, 4})};
      },
      [](PathAttributes& a) {
        a.aggregator = {net::Asn{1}, net::IpAddress::v4({1, 2, 3, 5})};
      },
      [](PathAttributes& a) { a.communities = {{7}}; },
      [](PathAttributes& a) { a.extended_communities = {{7}}; },
      [](PathAttributes& a) {
        a.large_communities = {{7, 0, 0}};
      },
      [](PathAttributes& a) {
        a.large_communities = {{0, 0, 7}};
      },
      [](PathAttributes& a) { a.only_to_customer = net::Asn{0}; },
      [](PathAttributes& a) { a.only_to_customer = net::Asn{7}; },
  };
  std::unordered_set<PathAttributes> different{PathAttributes{}};
  std::unordered_set<std::size_t> hashes{std::hash<PathAttributes>{}(PathAttributes{})};
  for (const auto& change : changes) {
    PathAttributes changed;
    change(changed);
    EXPECT_TRUE(different.insert(changed).second);
    EXPECT_FALSE(different.insert(changed).second);
    hashes.insert(std::hash<PathAttributes>{}(changed));
  }
  EXPECT_EQ(hashes.size(), std::size(changes) + 1);
}

}  // namespace
}  // namespace fabrix::bgp
