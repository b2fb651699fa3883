#include "exports/entry_json.h"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "tests/exports/entries.h"

namespace fabrix::exports {
namespace {

namespace json = boost::json;

// Every member is a column of the table, and the reverse.
void expect_columns(const Entry& entry) {
  const std::string line = json_line(entry);
  ASSERT_EQ(line.back(), '\n');
  const auto object = json::parse(line.substr(0, line.size() - 1)).as_object();
  const std::string table = create_table(entry.kind);
  std::size_t columns = 0;
  for (const auto& [name, value] : object) {
    const std::string column = std::string(name) + (value.is_array()        ? " Array("
                                                    : value.is_string()     ? " String"
                                                    : name == "time"        ? " DateTime"
                                                    : name.ends_with("_ms") ? " UInt64"
                                                                            : " Float64");
    EXPECT_NE(table.find(column), std::string::npos) << column << " in " << table;
    ++columns;
  }
  const std::string_view list(table.data() + table.find('(') + 1, table.find(" ENGINE"));
  // And the number of the row.
  EXPECT_EQ(columns, std::ranges::count(list.substr(0, list.find(") ENGINE")), ','));
}

TEST(EntryJson, TimeOfALine) {
  EXPECT_EQ(time_of_line(json_line(flow_entry())),
            std::chrono::duration_cast<std::chrono::seconds>(flow_entry().time).count());
  for (const char* line : {"", "{}", "{\"time\":", "{\"time\":x"}) EXPECT_EQ(time_of_line(line), 0);
}

TEST(EntryJson, IsARowOfItsTable) {
  for (const Entry& entry :
       {flow_entry(), top_entry(), metric_entry(), text_entry(), event_entry()}) {
    SCOPED_TRACE(entry.name);
    expect_columns(entry);
  }
}

TEST(EntryJson, SaysAllOfAFlow) {
  EXPECT_EQ(json::parse(json_line(flow_entry())),
            json::parse(R"({"time":1700000012,"time_ms":1700000012345,"name":"pair",
                            "agent":"192.0.2.1","source":"37","value":701000.0,
                            "key_names":["ipsource","or:ipdestination:ip6destination"],
                            "keys":["10.0.0.1","10.0.0.2"],
                            "value_names":["count:ipsource","avg:bytes"],"values":[1.0,1477.5],
                            "start_ms":1700000000000})"));
}

TEST(EntryJson, SaysAllOfMetricsAndEvents) {
  const auto text = json::parse(json_line(text_entry())).as_object();
  EXPECT_EQ(text.at("text"), "leaf \"1\"");
  EXPECT_EQ(text.at("value"), 0.0);
  const auto event = json::parse(json_line(event_entry())).as_object();
  EXPECT_EQ(event.at("name"), "big");
  EXPECT_EQ(event.at("metric"), "pair");
  EXPECT_EQ(event.at("threshold"), 1e6);
}

TEST(EntryJson, HasNoNumberThatIsNone) {
  const auto flow = json::parse(json_line(flow_entry(std::numeric_limits<double>::infinity())));
  EXPECT_EQ(flow.at("value"), 0.0);
}

}  // namespace
}  // namespace fabrix::exports
