// An engine with scripts beside it, in real processes.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>

#include "analyzer/router.h"
#include "analyzer/script_host.h"
#include "http/target.h"
#include "tests/script/world.h"
#include "tests/telemetry/samples.h"

namespace fabrix::analyzer::testing {

struct HostedWorld {
  // A file `name` with this text is the only script, or one more.
  void run(const std::string& name, const std::string& source) {
    options.files.push_back(folder.write(name, source));
    options.program = FABRIX_SCRIPT_EXE;
    options.limits.least_pause = std::chrono::milliseconds(10);
    const auto done = host.configure(options);
    EXPECT_TRUE(done) << done.error().message;
  }

  bool wait(const std::function<bool()>& done) {
    return loop.run_until(done, script::testing::kPatience);
  }

  http::Response ask(http::Method method, const std::string& target, std::string body = {}) {
    http::Request request;
    request.method = method;
    request.target = http::parse_target(target).value();
    request.body = std::move(body);
    EXPECT_TRUE(host.is_for_scripts(request)) << target;
    http::Response response = host.answer(request);
    if (!response.later) return response;
    std::optional<http::Response> known;
    EXPECT_TRUE(wait([&] { return (known = response.later()).has_value(); }));
    return known.value_or(http::Response{});
  }
  std::string get(const std::string& target) {
    return std::get<std::string>(ask(http::Method::kGet, target).body);
  }
  boost::json::value status(const std::string& name) {
    return boost::json::parse(get("/scripts/" + name + "/json"));
  }
  bool runs(const std::string& name) {
    return wait([&] { return status(name).at("state") == "running"; });
  }
  bool logs(const std::string& name, const std::string& text) {
    return wait(
        [&] { return get("/scripts/" + name + "/log/txt").find(text) != std::string::npos; });
  }

  // A packet has been sampled.
  void sample(const std::string& packet) {
    time += std::chrono::milliseconds(1);
    engine.receive(telemetry::Sampled(sflow::frame(packet)).datagram(),
                   net::IpAddress::v4({192, 0, 2, 9}), time);
    host.look();
  }

  io::EventLoop loop;
  script::testing::Folder folder;
  telemetry::Engine engine;
  telemetry::Time time = std::chrono::seconds(1'000'000);
  Router routes = all_routes();
  ScriptOptions options;
  RouterSessions sessions{loop, engine};
  ScriptHost host{loop, engine, routes, sessions};
};

}  // namespace fabrix::analyzer::testing
