// Script: a program in JavaScript that is kept running: each in a process of its own
// (fabrix-script), started again when its file changes and, after a pause that grows, when it ends.
//
// It is given work: its program first, then whatever deliver() says, one piece at a time, in order.
// While it works it calls, and each call is answered, at once or later. All that it may use is
// limited (limits.h): work that takes too much ends the process; one that takes much in the long
// run waits, and so does one whose calls take much of our time.
//
//   to it    {"do": "...", ...}                      work
//            {"ok": ...} or {"error": "..."}         the answer to a call
//   from it  {"call": "setFlow", "args": [...]}      asks, and waits for the answer
//            {"tell": "log", "args": [...]}          says
//            {"done": ...} or {"error": "..."}       the end of the work
//
// Loop's thread only.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/result.h"
#include "io/event_loop.h"
#include "script/allowance.h"
#include "script/limits.h"
#include "script/process.h"

namespace fabrix::script {

struct ScriptOptions {
  std::string file;
  std::string program;  // fabrix-script
  Limits limits;
  boost::json::object properties;  // that it may ask for
};

enum class ScriptState : std::uint8_t { kStopped, kStarting, kRunning, kPausing };

std::string_view to_string(ScriptState state);

struct ScriptCounters {
  std::uint64_t starts = 0;
  std::uint64_t ends = 0;     // that nobody wanted
  std::uint64_t works = 0;    // pieces of work done
  std::uint64_t errors = 0;   // of those, ended by an exception
  std::uint64_t calls = 0;    // that were answered
  std::uint64_t refused = 0;  // of those, with an error
  std::uint64_t lost = 0;     // pieces of work for which there was no room
  std::uint64_t waits = 0;    // times that it was made to wait for what it had used
};

class Script {
 public:
  // The answer to a call; once. After the process has ended nobody hears it.
  using Answer = std::function<void(Result<boost::json::value>)>;

  struct Hooks {
    std::function<void(std::string_view name, const boost::json::array& arguments, Answer answer)>
        on_call;
    std::function<void(std::string_view name, const boost::json::array& arguments)> on_tell;
    // What the operator would want to know of it: an error, an end.
    std::function<void(const std::string& text)> on_trouble;
    // A process begins: nothing of the one before counts any more.
    std::function<void()> on_start;
  };

  // What came of a piece of work; null if it never will.
  using Done = std::function<void(const boost::json::value* result)>;

  Script(io::EventLoop& loop, ScriptOptions options, Hooks hooks);
  ~Script();
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  Script(Script&&) = delete;
  Script& operator=(Script&&) = delete;

  void start();  // also: at once, instead of after the pause
  void stop();

  // It must run, or be about to; else, or if there is no room, `done` hears null at once.
  void deliver(boost::json::object work, Done done = {});

  ScriptState state() const { return state_; }
  const ScriptCounters& counters() const { return counters_; }
  const ScriptOptions& options() const { return options_; }
  const std::string& trouble() const { return trouble_; }  // the last; empty: none
  pid_t pid() const { return process_ ? process_->pid() : -1; }
  std::chrono::nanoseconds cpu_time() const;  // of all its processes

 private:
  using Time = io::Clock::time_point;

  struct Work {
    boost::json::object what;
    Done done;
  };

  void launch();
  void take(const std::string& message);
  void answer_call(std::string_view name, const boost::json::array& arguments);
  void finish(const boost::json::object& result);
  void end(const std::string& how);
  void kill(std::string why);
  void give_up_work();
  void next();
  void look();
  void look_at_work(Time now);
  void look_at_file();
  void spend_calls(Time since);
  void spend_cpu(Time now);

  io::EventLoop& loop_;
  ScriptOptions options_;
  Hooks hooks_;
  ScriptState state_ = ScriptState::kStopped;
  ScriptCounters counters_;
  std::string trouble_;

  std::unique_ptr<Process> process_;
  std::shared_ptr<int> life_;  // of the process: answers of another life are not sent
  std::deque<Work> queue_;
  std::optional<Work> current_;
  Time begun_{};                          // the current work
  std::chrono::nanoseconds cpu_begun_{};  // what had been used then
  std::chrono::nanoseconds cpu_counted_{};
  std::chrono::nanoseconds cpu_before_{};  // of processes that have ended
  std::string why_;                        // it was killed
  bool awaits_answer_ = false;             // to a call
  bool is_waiting_ = false;                // for CPU time

  Allowance cpu_;
  Allowance calls_;
  std::chrono::milliseconds pause_;
  Time launched_{};
  std::filesystem::file_time_type changed_{};  // the file, as it runs
  io::Timer tick_;
  io::Timer launch_;  // again, or what has ended goes
  io::Timer resume_;  // reading, after calls that took long
};

}  // namespace fabrix::script
