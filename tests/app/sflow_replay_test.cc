#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "capture/capture_writer.h"
#include "tests/app/running_command.h"
#include "tests/app/sflow_captures.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using ::testing::HasSubstr;
using testing::RunningCommand;
using testing::sflow_capture;

std::string address_of(const RunningCommand& command) {
  const std::string& said = command.err();
  const auto begin = said.find("listening at ") + 13;
  return said.substr(begin, said.find(';') - begin);
}

// The datagram of a capture, again and again, so many apart.
std::string repeated(int times, std::chrono::milliseconds apart) {
  std::ifstream in(sflow_capture("gopacket_3.pcap"), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto packet = std::as_bytes(std::span(bytes)).subspan(40);
  auto file = capture::pcap_file_header(capture::LinkType::kEthernet);
  for (int i = 0; i < times; ++i) {
    const auto octets =
        capture::pcap_packet({.time = std::chrono::seconds(1'700'000'000) + i * apart,
                              .length = static_cast<std::uint32_t>(packet.size()),
                              .octets = packet});
    file.insert(file.end(), octets.begin(), octets.end());
  }
  std::string text;
  for (const std::byte octet : file) text.push_back(static_cast<char>(octet));
  return text;
}

TEST(SflowReplay, KeepsThePausesAtTheSpeedItIsGiven) {
  const testing::Scratch scratch;
  const auto file = scratch.write("paced.pcap", repeated(5, std::chrono::milliseconds(1000)));
  io::EventLoop loop;
  RunningCommand decode(loop, {"sflow", "decode", "--listen", "127.0.0.1:0", "--csv"});
  ASSERT_TRUE(decode.says("^C ends this"));
  const auto begin = std::chrono::steady_clock::now();
  const auto replayed =
      fabrix({"sflow", "replay", file, "--to", address_of(decode), "--speed", "10"});
  EXPECT_EQ(replayed.status.code, 0) << replayed.err;
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(400));
  decode.signal(SIGTERM);
  EXPECT_EQ(decode.ended().code, 0);
}

TEST(SflowReplay, ForwardCopiesToAll) {
  io::EventLoop loop;
  RunningCommand first(loop, {"sflow", "decode", "--listen", "127.0.0.1:0", "--csv"});
  RunningCommand second(loop, {"sflow", "decode", "--listen", "[::1]:0", "--csv"});
  ASSERT_TRUE(first.says("^C ends this"));
  if (!second.says("^C ends this")) GTEST_SKIP() << "no IPv6: " << second.err();
  RunningCommand forward(loop, {"sflow", "forward", "--listen", "127.0.0.1:0", "--to",
                                address_of(first) + "," + address_of(second)});
  ASSERT_TRUE(forward.says("^C ends this"));
  const auto replayed =
      fabrix({"sflow", "replay", sflow_capture("gopacket_3.pcap"), "--to", address_of(forward)});
  EXPECT_EQ(replayed.status.code, 0) << replayed.err;
  EXPECT_TRUE(first.says("CNTR,10.20.4.0"));
  EXPECT_TRUE(second.says("CNTR,10.20.4.0"));
  forward.signal(SIGINT);
  EXPECT_EQ(forward.ended().code, 0);
  EXPECT_THAT(forward.err(), HasSubstr("1 datagrams sent"));
}

TEST(SflowReplay, TellsApartWhatIsWrong) {
  const auto file = sflow_capture("gopacket_3.pcap");
  EXPECT_EQ(fabrix({"sflow", "replay", file}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "replay", file, "--to", "x"}).status.code, 2);
  for (const auto* speed : {"0", "-1", "fast", "inf", "nan", "1x"}) {
    const auto run =
        fabrix({"sflow", "replay", file, "--to", "127.0.0.1", "--speed=" + std::string(speed)});
    EXPECT_EQ(run.status.code, 2) << speed;
    EXPECT_THAT(run.err, HasSubstr("is not a speed"));
  }
  EXPECT_EQ(fabrix({"sflow", "replay", "/nowhere", "--to", "127.0.0.1"}).status.code, 3);
  EXPECT_EQ(fabrix({"sflow", "forward", "--to", "127.0.0.1"}).status.code, 2);
  EXPECT_EQ(fabrix({"sflow", "forward", "--listen", "127.0.0.1"}).status.code, 2);
}

}  // namespace
}  // namespace fabrix::app
