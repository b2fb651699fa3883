// RunningCommand: `fabrix` as a child that goes on until it is ended, such as `fabrix monitor`.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "io/child_process.h"
#include "io/event_loop.h"
#include "tests/app/commands_world.h"

namespace fabrix::app::testing {

class RunningCommand {
 public:
  // In the named network namespace; empty: ours.
  RunningCommand(io::EventLoop& loop, std::vector<std::string> words,
                 const std::string& network_namespace = "")
      : loop_(loop) {
    words.insert(words.begin(), FABRIX_EXE);
    io::ChildOptions options;
    options.process.argv = std::move(words);
    options.process.network_namespace = network_namespace;
    options.process.parent_death = io::ParentDeath::kKill;
    options.out = [this](std::span<const std::byte> data) { append(data, out_); };
    options.err = [this](std::span<const std::byte> data) { append(data, err_); };
    auto child = io::ChildProcess::start(loop, options, [](const io::ExitStatus&) {});
    EXPECT_TRUE(child) << child.error().message;
    if (child) child_.emplace(*std::move(child));
  }

  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }

  // Waits until it has said this, to stdout or stderr.
  bool says(const std::string& text) {
    const auto said = [&] {
      return out_.find(text) != std::string::npos || err_.find(text) != std::string::npos;
    };
    return loop_.run_until([&] { return said() || !child_->is_running(); }, kPatience) && said();
  }

  pid_t pid() const { return child_->pid(); }
  void signal(int number) { child_->send_signal(number); }

  // How it ended.
  io::ExitStatus ended() {
    EXPECT_TRUE(loop_.run_until([this] { return !child_->is_running(); }, kPatience));
    return child_->exit_status().value_or(io::ExitStatus{.code = -1});
  }

 private:
  static void append(std::span<const std::byte> data, std::string& text) {
    for (const std::byte octet : data) text.push_back(static_cast<char>(octet));
  }

  io::EventLoop& loop_;
  std::string out_;
  std::string err_;
  std::optional<io::ChildProcess> child_;
};

}  // namespace fabrix::app::testing
