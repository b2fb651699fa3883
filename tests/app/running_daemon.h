// RunningDaemon: fabrixd as a child, with sockets in a directory of the test and a BGP port of its
// own choice.
#pragma once

#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "io/child_process.h"
#include "io/event_loop.h"
#include "tests/app/commands_world.h"

namespace fabrix::app::testing {

class RunningDaemon {
 public:
  RunningDaemon(io::EventLoop& loop, const Scratch& scratch, const std::string& exchange_file,
                const std::string& network_namespace = "")
      : loop_(loop), socket_(scratch / "fabrix.sock") {
    io::ChildOptions options;
    options.process.argv = {FABRIXD_EXE,
                            "-c",
                            exchange_file,
                            "--socket",
                            socket_,
                            "--openflow",
                            "unix:" + (scratch / "run/openflow.sock"),
                            "--bgp-port",
                            "0"};
    options.process.network_namespace = network_namespace;
    options.process.parent_death = io::ParentDeath::kKill;
    options.out = io::DiscardOutput{};
    options.err = [this](std::span<const std::byte> data) {
      for (const std::byte octet : data) log_.push_back(static_cast<char>(octet));
    };
    auto child = io::ChildProcess::start(loop, options, [](const io::ExitStatus&) {});
    EXPECT_TRUE(child) << child.error().message;
    if (child) child_.emplace(*std::move(child));
    EXPECT_TRUE(says("serving exchange=")) << log_;
  }

  const std::string& socket() const { return socket_; }
  const std::string& log() const { return log_; }
  void forget_log() { log_.clear(); }

  std::uint16_t bgp_port() const {
    const std::string key = "bgp_port=";
    return static_cast<std::uint16_t>(std::stoul(log_.substr(log_.find(key) + key.size())));
  }

  // Waits until the log has this text.
  bool says(const std::string& text) {
    return loop_.run_until([&] { return log_.find(text) != std::string::npos || !runs(); },
                           kPatience) &&
           log_.find(text) != std::string::npos;
  }

  void signal(int number) { child_->send_signal(number); }
  bool runs() const { return child_ && child_->is_running(); }

  // How it ended, after SIGTERM.
  io::ExitStatus stop() {
    signal(SIGTERM);
    EXPECT_TRUE(loop_.run_until([this] { return !runs(); }, kPatience));
    return child_->exit_status().value_or(io::ExitStatus{.code = -1});
  }

  // `fabrix` with these words, asking this daemon.
  io::CommandOutput ask(std::vector<std::string> words) const {
    words.insert(words.end(), {"--socket", socket_});
    return fabrix(std::move(words));
  }

 private:
  io::EventLoop& loop_;
  std::string socket_;
  std::string log_;
  std::optional<io::ChildProcess> child_;
};

}  // namespace fabrix::app::testing
