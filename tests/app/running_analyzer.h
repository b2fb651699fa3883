// `fabrix sflow analyze` as a child, and questions to it over HTTP.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "app/endpoint_text.h"
#include "tests/app/running_command.h"
#include "tests/http/world.h"

namespace fabrix::app::testing {

// What stands between two texts.
inline std::string between(const std::string& text, const std::string& before,
                           const std::string& after) {
  const auto begin = text.find(before) + before.size();
  return text.substr(begin, text.find(after, begin) - begin);
}

class RunningAnalyzer {
 public:
  explicit RunningAnalyzer(io::EventLoop& loop, const std::vector<std::string>& options = {})
      : loop_(loop), command_(loop, words(options)) {
    EXPECT_TRUE(command_.says("^C ends this"));
  }

  std::string sflow() const { return between(command_.err(), "sFlow at ", ","); }
  std::string rest() const { return between(command_.err(), "HTTP at ", ";"); }

  // The body of the answer.
  std::string ask(const std::string& what, const std::string& body = {}) {
    http::testing::Client client(loop_, parse_endpoint("tcp:" + rest()).value());
    client.say(what + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_TRUE(client.is_left());
    std::string heard = client.heard();
    return http::testing::take_reply(heard).body;
  }

  // Asks until the answer has this text; the last answer.
  std::string ask_until(const std::string& what, const std::string& text) {
    std::string answer;
    const auto give_up = io::EventLoop::now() + kPatience;
    do {
      answer = ask(what);
    } while (answer.find(text) == std::string::npos && io::EventLoop::now() < give_up);
    return answer;
  }

  RunningCommand& command() { return command_; }

 private:
  static std::vector<std::string> words(const std::vector<std::string>& options) {
    std::vector<std::string> all{"sflow", "analyze", "--rest", "127.0.0.1:0"};
    const bool is_file = !options.empty() && !options.front().starts_with("--");
    if (!is_file) all.insert(all.end(), {"--listen", "127.0.0.1:0"});
    all.insert(all.end(), options.begin(), options.end());
    return all;
  }

  io::EventLoop& loop_;
  RunningCommand command_;
};

}  // namespace fabrix::app::testing
