#include "exports/http_sink.h"

#include <list>
#include <regex>
#include <set>

#include <gmock/gmock.h>

#include "exports/entry_json.h"
#include "exports/line_protocol.h"
#include "http/basic_authorization.h"
#include "tests/exports/served.h"
#include "tests/io/tls_world.h"

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

std::string without_rows(const std::string& body) {
  return std::regex_replace(body, std::regex(R"(\{"row":[0-9]+,)"), "{");
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
  EXPECT_EQ(without_rows(web_.asked[1].body), json_line(flow_entry()) + json_line(flow_entry(2)));
  EXPECT_NE(web_.asked[1].body, without_rows(web_.asked[1].body));
  EXPECT_EQ(without_rows(web_.asked[3].body), json_line(metric_entry()));
  // Somebody drops it.
  has_table = false;
  to.exporter->add(flow_entry());
  ASSERT_TRUE(to.has_sent(4));
  EXPECT_EQ(web_.asked[5].body, create_table(exchange::Exported::kFlows));
}

// What is answered to an INSERT does not always come: of a batch that has been stored, or was not.
TEST_F(HttpSinkTest, ClickhouseIsAskedWhatItHas) {
  std::set<std::string> stored;
  int inserts = 0;
  web_.answer = [&](const http::Request& request) {
    if (request.body.starts_with("SELECT")) {
      const auto first = request.body.substr(13, request.body.find(" FROM") - 13);
      std::string rows;
      for (const std::string& row : stored) {
        rows += std::to_string(std::stoull(row) - std::stoull(first)) + "\n";
      }
      return http::text_response(200, rows);
    }
    if (!request.target.parameter("query")) return http::text_response(200, "");
    const std::regex row(R"("row":([0-9]+))");
    for (auto at = std::sregex_iterator(request.body.begin(), request.body.end(), row);
         at != std::sregex_iterator(); ++at) {
      // Of the first time, only what came first.
      const bool is_taken = inserts > 0 || stored.empty();
      EXPECT_TRUE(!is_taken || stored.insert((*at)[1].str()).second) << "twice";
    }
    return http::text_response(inserts++ == 0 ? 500 : 200, "");
  };
  Exporting to(loop_, ExportKind::kClickhouse, host(web_.port()));
  for (int i = 0; i < 3; ++i) to.exporter->add(flow_entry(i));
  ASSERT_TRUE(to.has_sent(3));
  EXPECT_EQ(stored.size(), 3U);
  EXPECT_EQ(inserts, 2);
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
  const std::string& at = folder.path();
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

TEST(RealInfluxdb, IsSpokenToOverTls) {
  io::EventLoop loop;
  const Folder folder("influxdb-tls");
  io::testing::Authority authority("influxdb");
  const auto certificate = authority.issue("DNS:localhost");
  const std::uint16_t port = free_port(loop);
  const std::string& at = folder.path();
  const auto config =
      folder.write("influxdb.conf",
                   "reporting-disabled = true\nbind-address = \"127.0.0.1:0\"\n[meta]\ndir = \"" +
                       at + "/meta\"\n[data]\ndir = \"" + at + "/data\"\nwal-dir = \"" + at +
                       "/wal\"\n[http]\nbind-address = \"127.0.0.1:" + std::to_string(port) +
                       "\"\nhttps-enabled = true\nhttps-certificate = \"" + certificate.file +
                       "\"\nhttps-private-key = \"" + certificate.key + "\"\n");
  Program server(loop, {"influxd", "-config", config}, port);
  if (!server.start()) GTEST_SKIP() << "influxd is not installed (package influxdb)";
  const std::string url = "https://localhost:" + std::to_string(port);
  Exporting stranger(loop, ExportKind::kInfluxdb, url);
  stranger.exporter->add(flow_entry());
  ASSERT_TRUE(stranger.says("the server's certificate")) << stranger.exporter->status().problem;
  // It is heard, and has no such database.
  Exporting known(loop, ExportKind::kInfluxdb, url, authority.file());
  known.exporter->add(flow_entry());
  ASSERT_TRUE(known.says("database not found")) << known.exporter->status().problem;
}

// Between an exporter and a server: passes on, and loses so many answers to an INSERT.
class LossyRelay {
 public:
  LossyRelay(io::EventLoop& loop, std::uint16_t to, int losses)
      : loop_(loop), to_(to), losses_(losses) {
    auto listening =
        io::Listener::listen(loop, io::IpEndpoint{kHere, 0}, {},
                             [this](io::ByteStream stream) { take(std::move(stream)); });
    EXPECT_TRUE(listening);
    listener_.emplace(*std::move(listening));
  }

  std::uint16_t port() const { return listener_->port(); }
  int lost() const { return lost_; }

 private:
  struct Pair {
    std::string asked;
    std::optional<io::ByteStream> near;
    std::optional<io::ByteStream> far;
    std::optional<io::Connector> connector;
  };

  void take(io::ByteStream near) {
    Pair& pair = pairs_.emplace_back();
    pair.near.emplace(std::move(near));
    pair.connector.emplace(loop_, io::IpEndpoint{kHere, to_}, io::ConnectOptions{},
                           [this, &pair](Result<io::ByteStream> far) {
                             if (!far) return pair.near.reset();
                             pair.far.emplace(*std::move(far));
                             join(pair);
                           });
  }

  void join(Pair& pair) {
    pair.near->start({.on_data =
                          [&pair](std::span<const std::byte> octets) {
                            for (const std::byte octet : octets) {
                              pair.asked += static_cast<char>(octet);
                            }
                            EXPECT_TRUE(!pair.far || pair.far->write(octets));
                          },
                      .on_end = [&pair](const io::StreamEnd&) { pair.far.reset(); },
                      .on_drained = {}});
    pair.far->start({.on_data =
                         [this, &pair](std::span<const std::byte> octets) {
                           if (!pair.near) return;
                           if (lost_ < losses_ && pair.asked.find("INSERT") != std::string::npos) {
                             ++lost_;
                             pair.near->abort();
                             return pair.near.reset();
                           }
                           static_cast<void>(pair.near->write(octets));
                         },
                     .on_end =
                         [&pair](const io::StreamEnd&) {
                           if (pair.near) pair.near->close_gracefully();
                         },
                     .on_drained = {}});
  }

  io::EventLoop& loop_;
  std::uint16_t to_;
  int losses_;
  int lost_ = 0;
  std::list<Pair> pairs_;
  std::optional<io::Listener> listener_;
};

void expect_each_once(io::EventLoop& loop, std::uint16_t port) {
  LossyRelay relay(loop, port, 3);
  ask(loop, port, "/", "DROP TABLE fabrix_flows");
  Exporting to(loop, ExportKind::kClickhouse, host(relay.port()) + "/?database=default");
  add_flows(to, 0, 25);
  ASSERT_TRUE(to.has_sent(25)) << to.exporter->status().problem;
  EXPECT_EQ(relay.lost(), 3);
  EXPECT_EQ(to.exporter->status().retries, 3U);
  EXPECT_EQ(ask(loop, port, "/", "SELECT count(), uniq(value), uniq(row) FROM fabrix_flows"),
            "25\t25\t25\n");
}

TEST(RealClickhouse, StoresEachOnceAlsoAfterARestartOrALostAnswer) {
  io::EventLoop loop;
  const Folder folder("clickhouse");
  const std::uint16_t port = free_port(loop);
  const std::string& at = folder.path();
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
  EXPECT_EQ(ask(loop, port, "/", "SELECT count() FROM fabrix_flows"), "50\n");
  expect_each_once(loop, port);
}

}  // namespace
}  // namespace fabrix::exports
