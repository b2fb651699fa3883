#include "analyzer/metric_table.h"

#include <gtest/gtest.h>

#include "tests/analyzer/counting.h"

namespace fabrix::analyzer {
namespace {

// "web1 7000|db1 -": rows, and in them cells; "-" where there is none.
std::string table(std::string_view columns) {
  const auto made = counting_engine();
  const telemetry::Engine& engine = *made;
  const telemetry::MetricQuery query(engine.metrics(), "ALL");
  std::string out;
  for (const TableRow& row : metric_table(parse_columns(columns), query)) {
    if (!out.empty()) out += '|';
    for (const auto& cell : row) {
      if (&cell != row.data()) out += ' ';
      out += cell ? telemetry::text_of(cell->value) : "-";
    }
  }
  return out;
}

TEST(MetricTable, HasARowForEachDataSource) {
  EXPECT_EQ(table("ifname,ifinoctets"), "swp7 7000|swp8 8000|swp7 70000");
  EXPECT_EQ(table("host_name,load_one"), "web1 0.5|db1 2");
  EXPECT_EQ(table("nothing"), "");
  EXPECT_EQ(table(""), "");
}

TEST(MetricTable, TakesWhatIsTheHosts) {
  EXPECT_EQ(table("host_name,ifinoctets"), "web1 7000|web1 8000|db1 70000");
}

TEST(MetricTable, LeavesOutRowsThatLackSomething) {
  EXPECT_EQ(table("ifname,ifinoctets,nothing"), "");
  EXPECT_EQ(table("host_name,null:ifname"), "web1 swp7|web1 swp8|web1 -|db1 swp7|db1 -");
}

TEST(MetricTable, SortsAndCutsOff) {
  EXPECT_EQ(table("ifname,sort:ifinoctets:-2"), "swp7 70000|swp8 8000");
  EXPECT_EQ(table("ifname,sort:ifinoctets:2"), "swp7 7000|swp8 8000");
  EXPECT_EQ(table("host_name,sort:load_one"), "web1 0.5|db1 2");
  EXPECT_EQ(table("host_name,sort:load_one:-9223372036854775808"), "db1 2|web1 0.5");
  EXPECT_EQ(table("host_name,sort:load_one:0"), "");
  EXPECT_EQ(table("ifname,null:sort:load_one:1"), "swp7 0.5");
}

TEST(MetricTable, ReadsColumns) {
  const auto columns = parse_columns("sort:2.1.load_one:-10,null:x,sort:y");
  ASSERT_EQ(columns.size(), 3U);
  EXPECT_EQ(columns[0].sort, -10);
  EXPECT_EQ(columns[0].term.source, "2.1");
  EXPECT_TRUE(columns[1].optional);
  EXPECT_EQ(columns[1].term.name, "x");
  EXPECT_EQ(columns[2].sort, INT64_MAX);
  EXPECT_EQ(columns[2].term.name, "y");
}

}  // namespace
}  // namespace fabrix::analyzer
