#include "app/sflow_input.h"

#include <vector>

#include <gtest/gtest.h>

#include "tests/app/running_command.h"
#include "tests/app/sflow_captures.h"

namespace fabrix::app {
namespace {

using testing::fabrix;
using testing::RunningCommand;
using testing::sflow_capture;

TEST(SflowInput, ReadsTheDatagramsOfACapture) {
  std::vector<std::size_t> sizes;
  const auto read =
      read_capture(sflow_capture("merged.pcapng"), 6343, [&](const SflowDatagram& datagram) {
        EXPECT_EQ(datagram.time, std::chrono::seconds(1'700'000'000));
        EXPECT_EQ(datagram.source.to_string(), "127.0.0.1");
        sizes.push_back(datagram.octets.size());
        return Reading::kContinue;
      });
  EXPECT_TRUE(read);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1500, 88}));
}

TEST(SflowInput, StopsWhenItIsToldTo) {
  int seen = 0;
  const auto read =
      read_capture(sflow_capture("merged.pcapng"), std::nullopt, [&](const SflowDatagram&) {
        ++seen;
        return Reading::kStop;
      });
  EXPECT_TRUE(read);
  EXPECT_EQ(seen, 1);
}

TEST(SflowInput, KnowsPortsAndAny) {
  const auto port = [](std::vector<std::string> words) {
    return captured_port(Arguments::parse(words, {.valued = {"--port"}}).value());
  };
  EXPECT_EQ(port({}).value(), 6343);
  EXPECT_EQ(port({"--port", "7"}).value(), 7);
  EXPECT_EQ(port({"--port", "any"}).value(), std::nullopt);
  EXPECT_FALSE(port({"--port", "some"}));
}

// Where it says that it listens.
std::string address_of(const RunningCommand& command) {
  const std::string& said = command.err();
  const auto begin = said.find("listening at ") + 13;
  return said.substr(begin, said.find(';') - begin);
}

TEST(SflowInput, ListensUntilItIsInterrupted) {
  io::EventLoop loop;
  RunningCommand decode(loop, {"sflow", "decode", "--listen", "127.0.0.1:0", "--csv"});
  ASSERT_TRUE(decode.says("^C ends this"));
  const auto replayed = fabrix({"sflow", "replay", sflow_capture("merged.pcapng"), "--to",
                                address_of(decode), "--speed", "max"});
  EXPECT_EQ(replayed.status.code, 0) << replayed.err;
  EXPECT_EQ(replayed.err, "2 datagrams sent\n");
  EXPECT_TRUE(decode.says("CNTR,10.20.4.0"));
  EXPECT_NE(decode.out().find("FLOW,1.2.3.4,1000100,1000018,"), std::string::npos);
  decode.signal(SIGINT);
  EXPECT_EQ(decode.ended().code, 0);
}

}  // namespace
}  // namespace fabrix::app
