// Servers for tests of sinks: real ones, on ports of loopback that were free, and an HTTP server
// that says what it is told to.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "exports/exporter.h"
#include "http/server.h"
#include "io/child_process.h"
#include "io/connector.h"
#include "io/listener.h"
#include "tests/exports/entries.h"

namespace fabrix::exports::testing {

inline constexpr std::chrono::seconds kPatience{60};
inline const net::IpAddress kHere = net::IpAddress::v4({127, 0, 0, 1});

// Asks again and again: for what no event tells.
inline bool poll(io::EventLoop& loop, const std::function<bool()>& done) {
  const auto deadline = io::EventLoop::now() + kPatience;
  while (!done()) {
    if (io::EventLoop::now() >= deadline) return false;
    loop.run_until([] { return false; }, std::chrono::milliseconds(10));
  }
  return true;
}

// A port that was free a moment ago.
inline std::uint16_t free_port(io::EventLoop& loop) {
  auto listener =
      io::Listener::listen(loop, io::IpEndpoint{kHere, 0}, {}, [](const io::ByteStream&) {});
  EXPECT_TRUE(listener);
  return listener->port();
}

// A folder that is removed at the end.
class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(::testing::TempDir() + "fxt-" + name + "-" + std::to_string(::getpid())) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder(Folder&&) = delete;
  Folder& operator=(Folder&&) = delete;

  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name) << text;
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

// A program that serves a TCP port.
class Program {
 public:
  Program(io::EventLoop& loop, std::vector<std::string> argv, std::uint16_t port)
      : loop_(loop), argv_(std::move(argv)), port_(port) {}

  // False: it is not installed.
  bool start() {
    auto started = io::ChildProcess::start(
        loop_,
        {.process = {.argv = argv_, .parent_death = io::ParentDeath::kKill}, .out = {}, .err = {}},
        [](const io::ExitStatus&) {});
    if (!started) return false;
    child_.emplace(*std::move(started));
    wait();
    return true;
  }

  void kill() {
    child_->send_signal(9);
    EXPECT_TRUE(loop_.run_until([this] { return !child_->is_running(); }, kPatience));
  }

 private:
  // Until it takes connections.
  void wait() {
    EXPECT_TRUE(poll(loop_, [this] { return is_there() || !child_->is_running(); }));
    EXPECT_TRUE(child_->is_running()) << argv_[0] << " has ended";
  }

  bool is_there() {
    std::optional<bool> is;
    const io::Connector connector(
        loop_, io::IpEndpoint{kHere, port_}, {},
        [&](const Result<io::ByteStream>& stream) { is = stream.has_value(); });
    return loop_.run_until([&] { return is.has_value(); }, kPatience) && *is;
  }

  io::EventLoop& loop_;
  std::vector<std::string> argv_;
  std::uint16_t port_;
  std::optional<io::ChildProcess> child_;
};

// Quick to try again.
inline constexpr RetryDelays kQuick{std::chrono::milliseconds(20), std::chrono::milliseconds(100)};

// Sends entries to a URL.
struct Exporting {
  Exporting(io::EventLoop& its_loop, exchange::ExportKind kind, const std::string& url,
            const std::string& ca = {})
      : loop(its_loop), site(exchange::parse_export(kind, url).value()) {
    site.batch = 10;
    site.ca = ca;
    exporter.emplace(loop, site, make_sink(loop, site), ExportBuffer::Limits(), kQuick);
  }

  // Whether so many have been taken.
  bool has_sent(std::uint64_t count) {
    return loop.run_until([&] { return exporter->status().sent >= count; }, kPatience);
  }
  // At one attempt or another.
  bool says(const std::string& problem) {
    return loop.run_until(
        [&] { return exporter->status().problem.find(problem) != std::string::npos; }, kPatience);
  }
  bool has_problem() {
    return loop.run_until([&] { return !exporter->status().problem.empty(); }, kPatience);
  }

  io::EventLoop& loop;
  exchange::ExportSite site;
  std::optional<Exporter> exporter;
};

// An HTTP server that keeps what it is asked.
class Web {
 public:
  explicit Web(io::EventLoop& loop) : loop_(loop) { start(0); }

  void start(std::uint16_t port) {
    auto started =
        http::Server::start(loop_, {.local = {kHere, port}}, [this](const http::Request& request) {
          asked.push_back(request);
          return answer ? answer(request) : http::Response{.status = 204};
        });
    ASSERT_TRUE(started) << started.error().message;
    server_ = *std::move(started);
    port_ = server_->port();
  }
  void stop() { server_.reset(); }
  std::uint16_t port() const { return port_; }

  std::vector<http::Request> asked;
  std::function<http::Response(const http::Request&)> answer;  // empty: 204

 private:
  io::EventLoop& loop_;
  std::uint16_t port_ = 0;
  std::unique_ptr<http::Server> server_;
};

}  // namespace fabrix::exports::testing
