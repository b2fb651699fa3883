// ScriptCommands: programs that a script may run: those that are named in the options, and no
// other; with any arguments, without a shell, as the user that we are.
//
// Bounded: one at a time, kEachSecond of them, kLongest each, kMostOutput octets of each output;
// one that goes beyond is killed with its process group. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"
#include "io/event_loop.h"
#include "script/allowance.h"

namespace fabrix::analyzer {

struct CommandLimits {
  std::chrono::milliseconds longest{10'000};
  std::size_t most_output = std::size_t{1} << 20U;  // octets
};

class ScriptCommands {
 public:
  static constexpr double kEachSecond = 5;

  // {"status", "stdout", "stderr"}: `status` is what it exited with; or why there is no such thing.
  using Done = std::function<void(Result<boost::json::value>)>;

  // `allowed` are paths of programs.
  ScriptCommands(io::EventLoop& loop, std::vector<std::string> allowed,
                 const CommandLimits& limits = {});
  ~ScriptCommands();
  ScriptCommands(const ScriptCommands&) = delete;
  ScriptCommands& operator=(const ScriptCommands&) = delete;
  ScriptCommands(ScriptCommands&&) = delete;
  ScriptCommands& operator=(ScriptCommands&&) = delete;

  // The first word is the program. `done` is called once, from the loop. Fails at once with what is
  // not allowed.
  Result<void> run(std::vector<std::string> words, Done done);

  // What runs is killed; nothing is called.
  void clear();

 private:
  class Running;

  io::EventLoop& loop_;
  std::vector<std::string> allowed_;
  CommandLimits limits_;
  std::unique_ptr<Running> running_;
  script::Allowance allowance_{kEachSecond, 2 * kEachSecond};
};

}  // namespace fabrix::analyzer
