#include "analyzer/script_commands.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include "io/child_process.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

}  // namespace

class ScriptCommands::Running {
 public:
  Running(io::EventLoop& loop, const CommandLimits& limits, Done done)
      : limits_(limits), done_(std::move(done)), deadline_(loop, [this] {
          stop(fmt::format("it ran for {} ms", limits_.longest.count()));
        }) {}

  Result<void> start(io::EventLoop& loop, std::vector<std::string> words) {
    auto started = io::ChildProcess::start(
        loop,
        {.process = {.argv = std::move(words), .parent_death = io::ParentDeath::kKill},
         .out = [this](std::span<const std::byte> octets) { take(octets, out_); },
         .err = [this](std::span<const std::byte> octets) { take(octets, err_); }},
        [this](const io::ExitStatus& status) { end(status); });
    if (!started) return fail(started.error());
    child_.emplace(*std::move(started));
    deadline_.start(limits_.longest);
    return {};
  }

 private:
  void take(std::span<const std::byte> octets, std::string& into) {
    if (!why_.empty()) return;
    for (const std::byte octet : octets) into.push_back(static_cast<char>(octet));
    if (into.size() > limits_.most_output) {
      stop(fmt::format("it said more than {} octets", limits_.most_output));
    }
  }

  void stop(std::string why) {
    why_ = std::move(why);
    child_->terminate(std::chrono::milliseconds(0));
  }

  void end(const io::ExitStatus& status) {
    deadline_.cancel();
    // It may be gone when it returns.
    const Done tell = std::move(done_);
    if (!why_.empty()) return tell(fail(Error{why_}));
    if (status.signal != 0) return tell(fail(Error{to_string(status)}));
    tell(json::object{{"status", status.code}, {"stdout", out_}, {"stderr", err_}});
  }

  CommandLimits limits_;
  Done done_;
  std::string out_;
  std::string err_;
  std::string why_;  // it was stopped
  io::Timer deadline_;
  std::optional<io::ChildProcess> child_;
};

ScriptCommands::ScriptCommands(io::EventLoop& loop, std::vector<std::string> allowed,
                               const CommandLimits& limits)
    : loop_(loop), allowed_(std::move(allowed)), limits_(limits) {}
ScriptCommands::~ScriptCommands() = default;

Result<void> ScriptCommands::run(std::vector<std::string> words, Done done) {
  const std::string program = words.empty() ? "" : words.front();
  if (std::ranges::find(allowed_, program) == allowed_.end()) {
    return fail(Error{fmt::format("'{}' is not allowed", program)});
  }
  if (running_) return fail(Error{"a command is running"});
  if (!allowance_.take(io::EventLoop::now())) return fail(Error{"too many commands a second"});
  running_ = std::make_unique<Running>(loop_, limits_,
                                       [this, done = std::move(done)](Result<json::value> result) {
                                         const auto gone = std::move(running_);
                                         done(std::move(result));
                                       });
  auto started = running_->start(loop_, std::move(words));
  if (!started) running_.reset();
  return started;
}

void ScriptCommands::clear() {
  running_.reset();
}

}  // namespace fabrix::analyzer
