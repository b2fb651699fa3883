// Asks a server over HTTP.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "app/endpoint_text.h"
#include "io/event_loop.h"
#include "tests/http/world.h"

namespace fabrix::app::testing {

// The body of the answer; `what` is a method and a path.
inline std::string ask_http(io::EventLoop& loop, const std::string& server, const std::string& what,
                            const std::string& body = {}) {
  http::testing::Client client(loop, parse_endpoint("tcp:" + server).value());
  client.say(what + " HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
             body);
  EXPECT_TRUE(client.is_left());
  const std::string& heard = client.heard();
  return heard.substr(heard.find("\r\n\r\n") + 4);
}

}  // namespace fabrix::app::testing
