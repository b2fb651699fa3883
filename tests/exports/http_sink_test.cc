#include "exports/http_sink.h"

#include <gmock/gmock.h>

#include "exports/entry_json.h"
#include "exports/line_protocol.h"
#include "http/basic_authorization.h"
#include "tests/exports/served.h"

namespace fabrix::exports {
namespace {

using exchange::ExportKind;
using testing::Exporting;
using testing::Folder;
using testing::free_port;
using ::testing::HasSubstr;
using testing::kHere;
using testing::kPatience;
using testing::Program;
using testing::Web;

std::string host(std::uint16_t port) {
  return "http://127.0.0.1:" + std::to_string(port);
}

// Asks a server of ours or a real one.
std::string ask(io::EventLoop& loop, std::uint16_t port, const std::string& target,
                const std::string& body = {}) {
  std::optional<Result<http::IncomingResponse>> answer;
  const http::OutgoingRequest request{
      .server = {"127.0.0.1", port},
      .host = "localhost",
      .method = "POST",
      .target = target,
      .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
      .body = body};
  const http::Client client(loop, request, {.time = kPatience},
                            [&](Result<http::IncomingResponse> said) { answer = std::move(said); });
  EXPECT_TRUE(loop.run_until([&] { return answer.has_value(); }, kPatience));
  return *answer ? (*answer)->body : answer->error().message;
}

class HttpSinkTest : public ::testing::Test {
 protected:
  io::EventLoop loop_;
  Web web_{loop_};
};

TEST_F(HttpSinkTest, InfluxdbGetsLines) {
  Exporting to(loop_, ExportKind::kInfluxdb, host(web_.port()) + "/api/v2/write?org=o&bucket=b");
  to.exporter->add(flow_entry());
  to.exporter->add(metric_entry());
  ASSERT_TRUE(to.has_sent(2));
  ASSERT_EQ(web_.asked.size(), 1U);
  EXPECT_EQ(web_.asked[0].body, influx_line(flow_entry()) + influx_line(metric_entry()));
  EXPECT_EQ(web_.asked[0].target.parameter("bucket"), "b");
  EXPECT_FALSE(web_.asked[0].header("authorization"));
}

TEST_F(HttpSinkTest, SaysWhoItIs) {
  auto site = exchange::parse_export(ExportKind::kInfluxdb, host(web_.port())).value();
  site.token = "secret";
  Exporter token(loop_, site, make_sink(loop_, site));
  token.add(flow_entry());
  ASSERT_TRUE(loop_.run_until([&] { return token.status().sent == 1; }, kPatience));
  EXPECT_EQ(web_.asked[0].header("authorization"), "Token secret");
  EXPECT_EQ(web_.asked[0].target.parameter("db"), "fabrix");

  Exporting user(loop_, ExportKind::kInfluxdb,
                 "http://u:p@127.0.0.1:" + std::to_string(web_.port()));
  user.exporter->add(flow_entry());
  ASSERT_TRUE(user.has_sent(1));
  EXPECT_EQ(web_.asked[1].header("authorization"), http::basic_authorization("u", "p"));
}

TEST_F(HttpSinkTest, WhatIsWrongIsRefusedAndWhatIsBusyIsAskedAgain) {
  unsigned status = 503;
  web_.answer = [&](const http::Request&) { return http::text_response(status, "no\nmore"); };
  Exporting to(loop_, ExportKind::kInfluxdb, host(web_.port()));
  to.exporter->add(flow_entry());
  ASSERT_TRUE(to.says("503 no more")) << to.exporter->status().problem;
  status = 400;
  ASSERT_TRUE(loop_.run_until([&] { return to.exporter->status().failed == 1; }, kPatience));
  EXPECT_EQ(to.exporter->status().waiting, 0U);
}

// A ClickHouse that says what 18.16 says.
TEST_F(HttpSinkTest, ClickhouseGetsTablesThenRows) {
  bool has_table = false;
  web_.answer = [&](const http::Request& request) {
    const auto query = request.target.parameter("query");
    if (!query) has_table = true;
    if (query && !has_table) {
      return http::text_response(404,
                                 "Code: 60, e.displayText() = DB::Exception: Table "
                                 "default.fabrix_flows doesn't exist.");
    }
    return http::text_response(200, "");
  };
  Exporting to(loop_, ExportKind::kClickhouse, host(web_.port()) + "/?database=x");
  to.exporter->add(flow_entry());
  to.exporter->add(flow_entry(2));
  to.exporter->add(metric_entry());
  ASSERT_TRUE(to.has_sent(3));
  ASSERT_EQ(web_.asked.size(), 4U);
  EXPECT_EQ(web_.asked[0].body, create_table(exchange::Exported::kFlows));
  EXPECT_EQ(web_.asked[1].target.parameter("query"), "INSERT INTO fabrix_flows FORMAT JSONEachRow");
  EXPECT_EQ(web_.asked[1].target.parameter("database"), "x");
  EXPECT_EQ(web_.asked[1].body, json_line(flow_entry()) + json_line(flow_entry(2)));
  EXPECT_EQ(web_.asked[3].body, json_line(metric_entry()));
  // Somebody drops it.
  has_table = false;
  to.exporter->add(flow_entry());
  ASSERT_TRUE(to.has_sent(4));
  EXPECT_EQ(web_.asked[5].body, create_table(exchange::Exported::kFlows));
}

// Each of its own time, since the same point twice is one to InfluxDB.
void add_flows(Exporting& to, int from, int end) {
  for (int i = from; i < end; ++i) {
    Entry entry = flow_entry(i);
    entry.time += std::chrono::seconds(i);
    to.exporter->add(entry);
  }
}

// The server is killed, entries come, and it begins again: nothing is lost.
void expect_nothing_lost(Program& server, Exporting& to,
                         const std::function<std::size_t()>& stored) {
  add_flows(to, 0, 25);
  ASSERT_TRUE(to.has_sent(25));
  server.kill();
  add_flows(to, 25, 50);
  ASSERT_TRUE(to.has_problem());
  ASSERT_TRUE(server.start());
  ASSERT_TRUE(to.has_sent(50));
  EXPECT_EQ(to.exporter->status().dropped, 0U);
  EXPECT_EQ(stored(), 50U);
}

TEST(RealInfluxdb, StoresAllOfItAlsoAfterARestart) {
  io::EventLoop loop;
  const Folder folder("influxdb");
  const std::uint16_t port = free_port(loop);
  const std::string at = folder.path();
  const auto config = folder.write(
      "influxdb.conf",
      "reporting-disabled = true\nbind-address = \"127.0.0.1:0\"\n[meta]\ndir = \"" + at +
          "/meta\"\n[data]\ndir = \"" + at + "/data\"\nwal-dir = \"" + at +
          "/wal\"\n[http]\nbind-address = \"127.0.0.1:" + std::to_string(port) + "\"\n");
  Program server(loop, {"influxd", "-config", config}, port);
  if (!server.start()) GTEST_SKIP() << "influxd is not installed (package influxdb)";
  Exporting to(loop, ExportKind::kInfluxdb, host(port));
  // Without its database it takes nothing, and then all.
  for (const Entry& entry : {top_entry(), metric_entry(), text_entry(), event_entry()}) {
    to.exporter->add(entry);
  }
  ASSERT_TRUE(to.says("database not found")) << to.exporter->status().problem;
  ask(loop, port, "/query", "q=CREATE DATABASE fabrix");
  ASSERT_TRUE(to.has_sent(4));
  const auto events = ask(loop, port, "/query", "db=fabrix&q=SELECT * FROM fabrix_events");
  EXPECT_THAT(events, HasSubstr(R"("2023-11-14T22:13:32.345Z")"));
  EXPECT_THAT(events, HasSubstr("1000127"));
  EXPECT_THAT(ask(loop, port, "/query", "db=fabrix&q=SELECT text FROM fabrix_metrics"),
              HasSubstr(R"(leaf \"1\")"));
  to.exporter.emplace(loop, to.site, make_sink(loop, to.site), ExportBuffer::Limits(),
                      testing::kQuick);
  expect_nothing_lost(server, to, [&] {
    const auto counted =
        ask(loop, port, "/query", "db=fabrix&q=SELECT count(value) FROM fabrix_flows");
    return counted.find(",50]") == std::string::npos ? 0U : 50U;
  });
}

TEST(RealClickhouse, StoresAllOfItAlsoAfterARestart) {
  io::EventLoop loop;
  const Folder folder("clickhouse");
  const std::uint16_t port = free_port(loop);
  const std::string at = folder.path();
  folder.write("users.xml",
               "<yandex><profiles><default/></profiles><users><default><password></password>"
               "<networks><ip>::/0</ip></networks><profile>default</profile>"
               "<quota>default</quota></default></users><quotas><default/></quotas></yandex>");
  const auto config = folder.write(
      "config.xml",
      "<yandex><logger><level>none</level></logger><http_port>" + std::to_string(port) +
          "</http_port><listen_host>127.0.0.1</listen_host><path>" + at +
          "/data/</path><tmp_path>" + at +
          "/tmp/</tmp_path><mark_cache_size>5368709</mark_cache_size><users_config>" + at +
          "/users.xml</users_config><default_profile>default</default_profile>"
          "<default_database>default</default_database></yandex>");
  Program server(loop, {"clickhouse-server", "--config-file=" + config}, port);
  if (!server.start()) GTEST_SKIP() << "clickhouse-server is not installed";
  Exporting to(loop, ExportKind::kClickhouse, host(port) + "/?database=default");
  for (const Entry& entry : {top_entry(), metric_entry(), text_entry(), event_entry()}) {
    to.exporter->add(entry);
  }
  ASSERT_TRUE(to.has_sent(4)) << to.exporter->status().problem;
  EXPECT_EQ(ask(loop, port, "/", "SELECT text FROM fabrix_metrics WHERE name = 'host_name'"),
            "leaf \"1\"\n");
  EXPECT_EQ(ask(loop, port, "/", "SELECT time, keys, values, threshold FROM fabrix_events"),
            "2023-11-14 22:13:32\t['10.0.0.1','10.0.0.2']\t[2,3]\t1000000\n");
  to.exporter.emplace(loop, to.site, make_sink(loop, to.site), ExportBuffer::Limits(),
                      testing::kQuick);
  expect_nothing_lost(server, to, [&] {
    return std::stoul(ask(loop, port, "/", "SELECT uniq(value) FROM fabrix_flows"));
  });
}

}  // namespace
}  // namespace fabrix::exports
