#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/capture_reader.h"
#include "tests/app/commands_world.h"
#include "tests/app/sflow_captures.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using testing::sflow_capture;
using ::testing::StartsWith;

// The values are tshark's of the same file.
TEST(SflowDecode, PrintsNamesAndValues) {
  const auto run = fabrix({"sflow", "decode", sflow_capture("goflow2_flows.pcap")});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, StartsWith("startDatagram ==="));
  for (const auto* line :
       {"unixSecondsUTC 1700000000\n", "agent 1.2.3.4\n", "sampleSequenceNo 546345766\n",
        "samplePool 70839514\n", "inputPort 1000100\n", "in_vlan 30\n", "srcIP 185.59.220.147\n",
        "TCPDstPort 53206\n", "IPID 15290\n"}) {
    EXPECT_THAT(run.out, HasSubstr(line));
  }
}

TEST(SflowDecode, PrintsJsonOneDatagramALine) {
  const auto run = fabrix({"sflow", "decode", "--json", sflow_capture("merged.pcapng")});
  EXPECT_EQ(run.status.code, 0) << run.err;
  const auto datagrams = testing::parse_lines(run.out);
  ASSERT_EQ(datagrams.size(), 2U);
  EXPECT_EQ(datagrams[0].at("agent"), "1.2.3.4");
  EXPECT_EQ(datagrams[0].at("samples").as_array().size(), 5U);
  const auto& processor = datagrams[1].at("samples").at(0).at("elements").at(0);
  EXPECT_EQ(processor.at("counterBlock_tag"), "0:1001");
  EXPECT_EQ(processor.at("5s_cpu"), "14.50");
}

TEST(SflowDecode, PrintsTheColumnsOfSflowtool) {
  const auto run = fabrix({"sflow", "decode", "--csv", sflow_capture("merged.pcapng")});
  EXPECT_EQ(run.status.code, 0) << run.err;
  EXPECT_THAT(run.out,
              StartsWith("FLOW,1.2.3.4,1000100,1000018,7483ef3065b7,08ecf52a8fbe,0x0800,30,30,"
                         "185.59.220.147,88.238.78.19,6,0x00,63,443,53206,0x10,1514,1492,16383\n"));
  EXPECT_EQ(std::ranges::count(run.out, '\n'), 6);
  EXPECT_THAT(run.out, HasSubstr("\nCNTR,10.20.4.0,"));
}

TEST(SflowDecode, WritesSampledHeadersAsACapture) {
  const auto run = fabrix({"sflow", "decode", "--pcap", sflow_capture("goflow2_flows.pcap")});
  EXPECT_EQ(run.status.code, 0) << run.err;
  auto reader = capture::CaptureReader::open(std::as_bytes(std::span(run.out))).value();
  int packets = 0;
  while (const auto packet = reader.next()) {
    EXPECT_EQ(packet->time, std::chrono::seconds(1'700'000'000));
    EXPECT_EQ(packet->octets.size(), 128U);
    EXPECT_TRUE(packets != 0 || packet->length == 1510U);  // without the FCS
    ++packets;
  }
  EXPECT_EQ(packets, 5);
  EXPECT_EQ(reader.error(), std::nullopt);
}

TEST(SflowDecode, SaysWhatItLeftOut) {
  const auto other = fabrix({"sflow", "decode", sflow_capture("merged.pcapng"), "--port", "9"});
  EXPECT_EQ(other.status.code, 0);
  EXPECT_EQ(other.out, "");
  EXPECT_EQ(other.err, "2 datagrams are not to port 9 (see --port)\n");
  const auto any =
      fabrix({"sflow", "decode", "--csv", sflow_capture("merged.pcapng"), "--port", "any"});
  EXPECT_EQ(std::ranges::count(any.out, '\n'), 6);
}

TEST(SflowDecode, GoesOnAfterFaultsAndCutOffFiles) {
  const testing::Scratch scratch;
  std::ifstream in(sflow_capture("goflow2_flows.pcap"), std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  bytes[24 + 16 + 42 + 3] = 4;  // the first datagram's version
  const auto old = fabrix({"sflow", "decode", scratch.write("old.pcap", bytes), "--json"});
  EXPECT_EQ(old.status.code, 0);
  const auto datagram = testing::parse_json(old.out);
  EXPECT_EQ(datagram.at("faults").at(0), "datagram at octet 0: version 4, not 5");
  EXPECT_EQ(old.err, "1 faults in the datagrams\n");
  const auto cut = fabrix({"sflow", "decode", scratch.write("cut.pcap", bytes.substr(0, 99))});
  EXPECT_EQ(cut.status.code, 0);
  EXPECT_THAT(cut.err, HasSubstr("cut.pcap: at octet 24: a packet of 1542 octets, 59 are left"));
}

TEST(SflowDecode, TellsApartWhatIsWrong) {
  const testing::Scratch scratch;
  EXPECT_EQ(fabrix({"sflow", "decode"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "decode", "a", "--json", "--csv"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "decode", "a", "--listen", "::"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "decode", "--listen", "here"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "decode", "a", "--port", "x"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "decode", "--listen", "192.0.2.1"}).status.code, 1);
  EXPECT_EQ(fabrix({"sflow", "decode", scratch / "none"}).status.code, 3);
  const auto text = fabrix({"sflow", "decode", scratch.write("text", "no capture")});
  EXPECT_EQ(text.status.code, 65);
  EXPECT_THAT(text.err, HasSubstr("that is no capture file"));
}

}  // namespace
}  // namespace fabrix::app
