#include "exports/ipfix_sender.h"

#include <fstream>
#include <iterator>
#include <sstream>

#include <gmock/gmock.h>

#include "io/command.h"
#include "tests/exports/ipfix.h"
#include "tests/exports/served.h"

namespace fabrix::exports {
namespace {

using std::chrono::seconds;
using ::testing::Contains;
using testing::Folder;
using testing::kHere;
using testing::kPatience;

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

// nfcapd, which reads IPFIX by its own lights, and nfdump.
TEST(IpfixSender, NfdumpReadsWhatIsSent) {
  io::EventLoop loop;
  const Folder folder("nfcapd");
  const std::uint16_t port = io::DatagramSocket::bind({.address = kHere, .port = 0})->local().port;
  auto started = io::ChildProcess::start(
      loop,
      {.process = {.argv = {"nfcapd", "-w", folder.path(), "-b", "127.0.0.1", "-p",
                            std::to_string(port), "-I", "fabrix", "-t", "2"},
                   .parent_death = io::ParentDeath::kKill},
       .out = {},
       .err = {}},
      [](const io::ExitStatus&) {});
  if (!started) GTEST_SKIP() << "nfcapd is not installed (package nfdump)";
  ASSERT_TRUE(testing::poll(loop, [&] { return is_bound(port) || !started->is_running(); }));
  ASSERT_TRUE(started->is_running());
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

}  // namespace
}  // namespace fabrix::exports
