#include "exports/ipfix_sender.h"

#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <gmock/gmock.h>

#include "base/number.h"
#include "io/command.h"
#include "io/file.h"
#include "tests/exports/ipfix.h"
#include "tests/exports/served.h"

namespace fabrix::exports {
namespace {

using std::chrono::seconds;
using ::testing::Contains;
using testing::Folder;
using testing::kHere;

constexpr telemetry::Time kRecordTime = std::chrono::milliseconds(1'700'000'012'345);

telemetry::FlowSpec spec_to(std::uint16_t port) {
  telemetry::FlowSpec spec = five_tuple_spec();
  spec.ipfix_collectors = {{.address = kHere, .port = port}};
  return spec;
}

TEST(IpfixSender, SendsToTheCollectors) {
  auto socket = io::DatagramSocket::bind({.address = kHere, .port = 0}).value();
  IpfixSender sender;
  sender.add(spec_to(socket.local().port), five_tuple_record(), kRecordTime);
  EXPECT_EQ(sender.status().at(0).waiting, 1U);
  sender.tick(kRecordTime);
  io::EventLoop loop;
  std::size_t received = 0;
  EXPECT_TRUE(testing::poll(loop, [&] {
    for (const auto& one : socket.receive()) received = one.octets.size();
    return received != 0;
  }));
  EXPECT_EQ(received, 16U + 48 + 53);
  const ExportStatus status = sender.status().at(0);
  EXPECT_EQ(status.kind, "ipfix");
  EXPECT_EQ(status.url, "udp://127.0.0.1:" + std::to_string(socket.local().port));
  EXPECT_EQ(status.sent, 1U);
  sender.tick(kRecordTime + IpfixSender::kForget);
  EXPECT_TRUE(sender.status().empty());
}

// With one space between words.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream all(text);
  for (std::string line; std::getline(all, line);) {
    std::istringstream words(line);
    std::string joined;
    for (std::string word; words >> word;) joined += (joined.empty() ? "" : " ") + word;
    lines.push_back(joined);
  }
  return lines;
}

// Whether somebody has that port of 127.0.0.1, without taking it for a moment.
bool is_bound(std::uint16_t port) {
  std::ifstream sockets("/proc/net/udp");
  const std::string all((std::istreambuf_iterator<char>(sockets)), {});
  return all.find(fmt::format("0100007F:{:04X} ", port)) != std::string::npos;
}

// A collector that listens at the port; none: it is not installed.
std::optional<io::ChildProcess> collector(io::EventLoop& loop, std::vector<std::string> words,
                                          std::uint16_t port) {
  auto started = io::ChildProcess::start(
      loop,
      {.process = {.argv = std::move(words), .parent_death = io::ParentDeath::kKill},
       .out = {},
       .err = {}},
      [](const io::ExitStatus&) {});
  if (!started) return std::nullopt;
  EXPECT_TRUE(testing::poll(loop, [&] { return is_bound(port) || !started->is_running(); }));
  EXPECT_TRUE(started->is_running());
  return *std::move(started);
}

// 60 of IPv4, of 60,000 octets at last, and one of IPv6.
void send_records(std::uint16_t port) {
  IpfixSender sender;
  telemetry::FlowRecord record = five_tuple_record();
  for (int i = 1; i <= 60; ++i) {
    record.octets = 1000 * i;
    record.frames = i;
    sender.add(spec_to(port), record, kRecordTime);
  }
  sender.tick(kRecordTime);
  telemetry::FlowSpec six = spec_to(port);
  six.keys = "ip6source,ip6destination,ip6nexthdr";
  six.value = "frames";
  record.key = "2001:db8::1,2001:db8::2,58";
  record.octets = 5544;
  record.frames = 77;
  sender.add(six, record, kRecordTime);
  sender.tick(kRecordTime);
}

std::uint16_t free_port() {
  return io::DatagramSocket::bind({.address = kHere, .port = 0})->local().port;
}

// nfcapd, which reads IPFIX by its own lights, and nfdump.
TEST(IpfixSender, NfdumpReadsWhatIsSent) {
  io::EventLoop loop;
  const Folder folder("nfcapd");
  const std::uint16_t port = free_port();
  const auto nfcapd = collector(loop,
                                {"nfcapd", "-w", folder.path(), "-b", "127.0.0.1", "-p",
                                 std::to_string(port), "-I", "fabrix", "-t", "2"},
                                port);
  if (!nfcapd) GTEST_SKIP() << "nfcapd is not installed (package nfdump)";
  send_records(port);
  // A file is there when the next one begins.
  std::vector<std::string> lines;
  EXPECT_TRUE(testing::poll(loop, [&] {
    const auto read =
        io::run_command({.process = {.argv = {"nfdump", "-R", folder.path(), "-q", "-o",
                                              "fmt:%sa %da %pr %sp %dp %byt %pkt", "-N"}}});
    lines = lines_of(read ? read->out : "");
    return lines.size() >= 61;
  }));
  EXPECT_THAT(lines, Contains("10.0.0.1 10.0.0.2 17 53 1234 60000 60"));
  EXPECT_THAT(lines, Contains("2001:db8::1 2001:db8::2 58 0 0.0 5544 77"));
}

// pmacct's nfacctd: what it prints each second are packets and octets since it last did.
TEST(IpfixSender, NfacctdReadsWhatIsSent) {
  io::EventLoop loop;
  const Folder folder("nfacctd");
  const std::uint16_t port = free_port();
  const std::string file = folder.path() + "/flows.csv";
  const std::string log = folder.path() + "/log";
  const std::string config = folder.write(
      "nfacctd.conf",
      fmt::format("daemonize: false\nnfacctd_ip: 127.0.0.1\nnfacctd_port: {}\n"
                  "plugins: print\nprint_refresh_time: 1\nprint_output: csv\n"
                  "print_output_file: {}\nprint_output_file_append: true\nlogfile: {}\n"
                  "aggregate: src_host, dst_host, src_port, dst_port, proto\n",
                  port, file, log));
  const auto nfacctd = collector(loop, {"nfacctd", "-f", config}, port);
  if (!nfacctd) GTEST_SKIP() << "nfacctd is not installed (package pmacct)";
  // What comes before its plugin is ready is lost.
  ASSERT_TRUE(testing::poll(loop, [&] {
    const auto text = io::read_file(log);
    return text && text->find("*** Purging cache - END") != std::string::npos;
  }));
  send_records(port);
  using Sum = std::pair<int, int>;  // packets, octets
  std::map<std::string, Sum> sums;
  EXPECT_TRUE(testing::poll(loop, [&] {
    sums.clear();
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t octets = line.rfind(',');
      const std::size_t packets = line.rfind(',', octets - 1);
      if (octets == std::string::npos || packets == std::string::npos) continue;
      Sum& sum = sums[line.substr(0, packets)];
      sum.first += parse_number<int>(line.substr(packets + 1, octets - packets - 1)).value_or(0);
      sum.second += parse_number<int>(line.substr(octets + 1)).value_or(0);
    }
    return sums.contains("2001:db8::1,2001:db8::2,0,0,ipv6-icmp");
  })) << ::testing::PrintToString(sums);
  EXPECT_EQ(sums["10.0.0.1,10.0.0.2,53,1234,udp"], (Sum{60 * 61 / 2, 1000 * 60 * 61 / 2}));
  EXPECT_EQ(sums["2001:db8::1,2001:db8::2,0,0,ipv6-icmp"], (Sum{77, 5544}));
}

}  // namespace
}  // namespace fabrix::exports
