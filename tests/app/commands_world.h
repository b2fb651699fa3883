// What the tests of commands share: the real programs, a directory of their own, sample files.
#pragma once

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "io/command.h"

namespace fabrix::app::testing {

// Generous: it bounds a failing test, not a passing one.
inline constexpr std::chrono::seconds kPatience{60};

inline io::CommandOutput run(std::vector<std::string> argv,
                             std::chrono::milliseconds timeout = kPatience) {
  io::CommandOptions options;
  options.process.argv = std::move(argv);
  // Whoever runs the tests may have a daemon of their own.
  options.process.environment = {{"FABRIX_SOCKET", "/nowhere/fabrix.sock"}};
  options.timeout = timeout;
  auto output = io::run_command(options);
  EXPECT_TRUE(output) << output.error().message;
  return output ? *std::move(output) : io::CommandOutput{};
}

inline io::CommandOutput fabrix(std::vector<std::string> words) {
  words.insert(words.begin(), FABRIX_EXE);
  return run(std::move(words));
}

inline io::CommandOutput fabrixd(std::vector<std::string> words) {
  words.insert(words.begin(), FABRIXD_EXE);
  return run(std::move(words));
}

// A file that comes with Fabrix.
inline std::string source_file(const std::string& path) {
  return std::string(FABRIX_SOURCE) + "/" + path;
}

inline boost::json::value parse_json(const std::string& text) {
  boost::system::error_code error;
  auto value = boost::json::parse(text, error);
  EXPECT_FALSE(error) << text;
  return value;
}

// One value for each line.
inline std::vector<boost::json::value> parse_lines(const std::string& text) {
  std::vector<boost::json::value> values;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    values.push_back(parse_json(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return values;
}

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "fabrix-app-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~Scratch() { std::filesystem::remove_all(path_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  Scratch(Scratch&&) = delete;
  Scratch& operator=(Scratch&&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  // The path of a file with this text.
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return *this / name;
  }

 private:
  std::filesystem::path path_;
};

// A (with this policy, if any), B and C on the loopback network, where any address can be bound.
inline std::string loopback_exchange(const std::string& policy_file = "") {
  const std::string policy = policy_file.empty() ? "" : "    policy: " + policy_file + "\n";
  return "version: 1\n"
         "exchange:\n"
         "  name: loopback\n"
         "  asn: 65000\n"
         "  router_id: 127.0.0.2\n"
         "  peering_lan: [127.0.0.0/8]\n"
         "  virtual_next_hops: [127.1.0.0/24]\n"
         "  route_server: {addresses: [127.0.0.2], policy: minimal, port: 179}\n"
         "participants:\n"
         "  - name: A\n"
         "    asn: 100\n" +
         policy +
         "    routers:\n"
         "      - {name: a1, mac: \"08:00:27:00:00:01\", addresses: [127.0.0.11], port: 1}\n"
         "  - name: B\n"
         "    asn: 200\n"
         "    routers:\n"
         "      - {name: b1, mac: \"08:00:27:00:00:02\", addresses: [127.0.0.12], port: 2}\n"
         "  - name: C\n"
         "    asn: 300\n"
         "    routers:\n"
         "      - {name: c1, mac: \"08:00:27:00:00:03\", addresses: [127.0.0.13], port: 3}\n";
}

}  // namespace fabrix::app::testing
