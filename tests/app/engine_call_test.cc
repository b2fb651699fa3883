// Answers of a real engine are in script_command_test.cc and traffic_command_test.cc.
#include "app/engine_call.h"

#include <gtest/gtest.h>

#include "io/listener.h"

namespace fabrix::app {
namespace {

Result<io::IpEndpoint> engine_said(std::vector<std::string> words) {
  return engine_of(Arguments::parse(words, {.valued = {"--rest"}, .switches = {}}).value());
}

TEST(EngineCall, IsAskedWhereItIsByDefault) {
  EXPECT_EQ(to_string(io::Endpoint(engine_said({}).value())), "127.0.0.1:8008");
  EXPECT_EQ(to_string(io::Endpoint(engine_said({"--rest", "192.0.2.1"}).value())),
            "192.0.2.1:8008");
  EXPECT_FALSE(engine_said({"--rest", "there"}));
}

TEST(EngineCall, ReadsObjectsAndArrays) {
  EXPECT_TRUE(read_answer({.status = 200, .body = R"({"view":"matrix"})"}));
  EXPECT_TRUE(read_answer({.status = 200, .body = "[]"}));
  EXPECT_FALSE(read_answer({.status = 200, .body = "17"}));
  EXPECT_FALSE(read_answer({.status = 200, .body = "<html>"}));
}

TEST(EngineCall, SaysWhoDoesNotAnswer) {
  io::EventLoop loop;
  const auto here = net::IpAddress::v4({127, 0, 0, 1});
  std::uint16_t port = 0;
  {
    const auto listener =
        io::Listener::listen(loop, io::IpEndpoint{here, 0}, {}, [](const io::ByteStream&) {});
    port = listener->port();
  }
  const auto answer = ask_engine({here, port}, {});
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.starts_with("127.0.0.1:" + std::to_string(port) + ": "));
}

}  // namespace
}  // namespace fabrix::app
