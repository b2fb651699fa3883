// A script in a file of its own, the process that runs it, and all that it says.
#pragma once

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "io/event_loop.h"
#include "script/script.h"

namespace fabrix::script::testing {

// Generous: it bounds a failing test, not a passing one.
inline constexpr std::chrono::seconds kPatience{60};

// A directory of its own, removed at the end.
class Folder {
 public:
  Folder() {
    std::string name = ::testing::TempDir() + "fabrix-script-XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  Folder(Folder&&) = delete;
  Folder& operator=(Folder&&) = delete;

  std::string path(const std::string& name) const { return path_ + "/" + name; }

  std::string write(const std::string& name, const std::string& text) const {
    const std::string new_file = path(name) + ".new";
    std::ofstream(new_file) << text;
    std::filesystem::rename(new_file, path(name));
    return path(name);
  }

 private:
  std::string path_;
};

// What a script has logged, and what was said of it.
class Running {
 public:
  Running(io::EventLoop& loop, const Folder& folder, const std::string& source,
          const Limits& limits = {}, const std::string& name = "test.js")
      : loop_(loop),
        file_(folder.write(name, source)),
        script_(loop,
                {.file = file_,
                 .program = FABRIX_SCRIPT_EXE,
                 .limits = limits,
                 .properties = {{"color", "blue"}}},
                {.on_call =
                     [this](std::string_view name_of_call, const boost::json::array& arguments,
                            Script::Answer answer) {
                       on_call(name_of_call, arguments, std::move(answer));
                     },
                 .on_tell =
                     [this](std::string_view what, const boost::json::array& arguments) {
                       told.push_back(std::string(what) + " " + boost::json::serialize(arguments));
                     },
                 .on_trouble = [this](const std::string& text) { troubles.push_back(text); },
                 .on_start = [this] { told.emplace_back("start"); }}) {
    script_.start();
  }

  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }
  bool runs() {
    return wait([this] { return script_.state() == ScriptState::kRunning; });
  }
  bool tells(const std::string& line) {
    return wait([&] { return std::ranges::find(told, line) != told.end(); });
  }
  bool is_in_trouble(const std::string& text) {
    return wait([&] {
      return std::ranges::any_of(
          troubles, [&](const auto& one) { return one.find(text) != std::string::npos; });
    });
  }

  Script& script() { return script_; }
  const std::string& file() const { return file_; }

  std::function<void(std::string_view, const boost::json::array&, Script::Answer)> on_call =
      [](std::string_view, const boost::json::array&, const Script::Answer& answer) {
        answer(boost::json::value("answer"));
      };
  std::vector<std::string> told;
  std::vector<std::string> troubles;

 private:
  io::EventLoop& loop_;
  std::string file_;
  Script script_;
};

}  // namespace fabrix::script::testing
