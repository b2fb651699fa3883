// StayRtr: a real RTR cache on the loopback, which serves VRPs from a file and reads it every
// second.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "io/child_process.h"
#include "io/endpoint.h"
#include "io/event_loop.h"
#include "io/file.h"
#include "io/listener.h"
#include "rpki/origin_validation.h"
#include "tests/io/world.h"

namespace fabrix::controller {

inline constexpr const char* kStayRtr = "/usr/bin/stayrtr";

inline rpki::Vrp vrp(const std::string& text, std::uint32_t asn) {
  const net::Prefix prefix = net::Prefix::parse(text).value();
  return {prefix, static_cast<std::uint8_t>(prefix.length()), net::Asn{asn}};
}

// An endpoint of the loopback where nobody listens.
inline io::IpEndpoint free_endpoint(io::EventLoop& loop) {
  const io::IpEndpoint any{.address = net::IpAddress::v4({127, 0, 0, 1}), .port = 0};
  const auto listener = io::Listener::listen(loop, any, {}, [](io::ByteStream) {});
  EXPECT_TRUE(listener);
  return {.address = any.address, .port = listener->port()};
}

class StayRtr {
 public:
  explicit StayRtr(io::EventLoop& loop) : loop_(loop), endpoint_(free_endpoint(loop)) {}

  static bool is_installed() { return std::filesystem::exists(kStayRtr); }

  const io::IpEndpoint& endpoint() const { return endpoint_; }

  void serve(const std::vector<rpki::Vrp>& vrps) {
    std::string json = R"({"metadata":{},"roas":[)";
    const char* separator = "";
    for (const rpki::Vrp& vrp : vrps) {
      json += std::exchange(separator, ",");
      json += R"({"prefix":")" + vrp.prefix.to_string() + R"(","maxLength":)" +
              std::to_string(vrp.max_length) + R"(,"asn":)" + std::to_string(vrp.asn.value) +
              R"(,"ta":"test"})";
    }
    ASSERT_TRUE(io::write_file_atomically(directory_ / "vrps.json", json + "]}"));
  }

  // Further words are options of stayrtr.
  void start(const std::vector<std::string>& options = {}) {
    io::ChildOptions child;
    child.process.argv = {kStayRtr,
                          "-bind",
                          io::to_string(endpoint_),
                          "-cache",
                          directory_ / "vrps.json",
                          "-metrics.addr",
                          "",
                          "-checktime=false",
                          "-refresh",
                          "1",
                          "-rtr.refresh",
                          "1",
                          "-rtr.retry",
                          "1",
                          "-rtr.expire",
                          "600"};
    child.process.argv.insert(child.process.argv.end(), options.begin(), options.end());
    child.process.parent_death = io::ParentDeath::kKill;
    child.out = io::OutputToFile{directory_ / "log"};
    child.err = io::OutputToFile{directory_ / "log"};
    auto started = io::ChildProcess::start(loop_, child, [](const io::ExitStatus&) {});
    ASSERT_TRUE(started) << started.error().message;
    process_.emplace(*std::move(started));
  }

  void kill() {
    process_->send_signal(SIGKILL);
    ASSERT_TRUE(
        loop_.run_until([this] { return !process_->is_running(); }, io::testing::kPatience));
    // Version 0.5 makes its session id of the second it starts in: restarted within one, it claims
    // to be the same session at the same serial number, whatever it serves.
    loop_.run_until([] { return false; }, std::chrono::milliseconds(1100));
  }

  // What stayrtr said, for failing tests.
  std::string log() const { return io::read_file(directory_ / "log").value_or("no log"); }

 private:
  io::EventLoop& loop_;
  io::IpEndpoint endpoint_;
  io::testing::TemporaryDirectory directory_;
  std::optional<io::ChildProcess> process_;
};

}  // namespace fabrix::controller
