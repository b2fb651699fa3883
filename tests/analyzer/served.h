// A service on loopback, and clients of it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "analyzer/service.h"
#include "tests/http/world.h"

namespace fabrix::analyzer::testing {

inline const io::IpEndpoint kAnywhere{net::IpAddress::v4({127, 0, 0, 1}), 0};

struct Served {
  Served() {
    auto started = Service::start(loop, {.sflow = kAnywhere, .rest = kAnywhere});
    EXPECT_TRUE(started) << started.error().message;
    service = *std::move(started);
  }

  bool wait(const std::function<bool()>& done) {
    return loop.run_until(done, http::testing::kPatience);
  }

  // A client that has asked.
  std::unique_ptr<http::testing::Client> say(const std::string& what,
                                             const std::string& body = {}) {
    auto client = std::make_unique<http::testing::Client>(loop, service->rest());
    client->say(what + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    return client;
  }

  // The whole answer.
  std::string ask(const std::string& what, const std::string& body = {}) {
    const auto client = say(what, body);
    EXPECT_TRUE(client->is_left());
    return client->heard();
  }

  io::EventLoop loop;
  std::unique_ptr<Service> service;
};

}  // namespace fabrix::analyzer::testing
