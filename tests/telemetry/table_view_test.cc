#include "telemetry/table_view.h"

#include <gtest/gtest.h>

#include "tests/telemetry/members.h"

namespace fabrix::telemetry {
namespace {

// "65001/24", or "none".
std::string match(const TableView& view, std::string_view address) {
  const auto found = view.match(address_of(address));
  if (found) {
    EXPECT_EQ(found->as_path(), found->route->as_path);
  }
  return found ? found->route->as_path + "/" + std::to_string(found->length) : "none";
}

class TableViewTest : public ::testing::Test {
 protected:
  TableViewTest() {
    // B's is the better one; B itself hears of C's.
    table_.insert(prefix_of("10.0.0.0/8"), set_of({{65002, {kA, kC}}, {65003, {kB}}}, {kB, kC}));
    // C's own, which only A may have.
    table_.insert(prefix_of("10.1.0.0/16"), set_of({{65003, {kA}}}, {kC}));
    // Nobody may.
    table_.insert(prefix_of("10.1.2.0/24"), set_of({}, {kC}));
    table_.insert(prefix_of("2001:db8::/32"), set_of({{65003, {kA, kB}}}, {kC}));
  }

  RouteTable table_;
};

TEST_F(TableViewTest, EachMemberHasItsOwnLongestMatch) {
  EXPECT_EQ(match(TableView(table_, kA), "10.1.2.3"), "65003/16");
  EXPECT_EQ(match(TableView(table_, kA), "10.2.0.1"), "65002/8");
  EXPECT_EQ(match(TableView(table_, kB), "10.1.2.3"), "65003/8");
  EXPECT_EQ(match(TableView(table_, kC), "10.1.2.3"), "65002/8");
  EXPECT_EQ(match(TableView(table_, kC), "2001:db8::1"), "none");
  EXPECT_EQ(match(TableView(table_, MemberId{7}), "10.1.2.3"), "none");
}

TEST_F(TableViewTest, NobodyInParticularSeesTheBestOfAll) {
  EXPECT_EQ(match(TableView(table_), "10.1.2.3"), "0/24");
  EXPECT_EQ(match(TableView(table_), "10.1.0.1"), "65003/16");
  EXPECT_EQ(TableView(table_).size(net::Family::kIpv4), 3U);
}

TEST_F(TableViewTest, CountsWhatIsTold) {
  EXPECT_EQ(TableView(table_, kA).size(net::Family::kIpv4), 2U);
  EXPECT_EQ(TableView(table_, kB).size(net::Family::kIpv4), 1U);
  EXPECT_EQ(TableView(table_, kC).size(net::Family::kIpv6), 0U);
}

TEST_F(TableViewTest, AnotherSetTakesThePlaceOfTheOneBefore) {
  table_.insert(prefix_of("10.1.2.0/24"), set_of({{65003, {kB}}}, {kC}));
  EXPECT_EQ(match(TableView(table_, kB), "10.1.2.3"), "65003/24");
  // A route that is everyone's.
  table_.insert(prefix_of("10.1.2.0/24"), route_by(65009));
  EXPECT_EQ(match(TableView(table_, kC), "10.1.2.3"), "65009/24");
  table_.erase(prefix_of("10.1.2.0/24"));
  EXPECT_EQ(match(TableView(table_, kC), "10.1.2.3"), "65002/8");
}

}  // namespace
}  // namespace fabrix::telemetry
