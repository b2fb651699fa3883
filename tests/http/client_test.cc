// The client against our server, and against servers that are not good.
#include "http/client.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "http/server.h"
#include "io/listener.h"
#include "tests/http/world.h"

namespace fabrix::http {
namespace {

using std::chrono::milliseconds;

const io::IpEndpoint kAnywhere{net::IpAddress::v4({127, 0, 0, 1}), 0};

class ClientTest : public ::testing::Test {
 protected:
  Result<IncomingResponse> ask(const io::Endpoint& server, OutgoingRequest request,
                               const ClientLimits& limits = {}) {
    const auto& to = std::get<io::IpEndpoint>(server);
    request.server = {to.address.to_string(), to.port};
    request.host = "h";
    std::optional<Result<IncomingResponse>> result;
    auto client = std::make_unique<Client>(loop_, request, limits,
                                           [&](const Result<IncomingResponse>& r) { result = r; });
    EXPECT_TRUE(loop_.run_until([&] { return result.has_value(); }, testing::kPatience));
    return result.value_or(fail(Error{"nothing"}));
  }

  // A server that says this whatever it is asked, and closes if `close`.
  Result<IncomingResponse> ask_one_that_says(const std::string& text, const ClientLimits& limits) {
    std::optional<io::ByteStream> stream;
    const auto listener = io::Listener::listen(loop_, kAnywhere, {}, [&](io::ByteStream accepted) {
      stream.emplace(std::move(accepted));
      stream->start({.on_data =
                         [&](std::span<const std::byte>) {
                           static_cast<void>(stream->write(testing::octets_of(text)));
                           if (!text.empty()) stream->close_gracefully();
                         },
                     .on_end = {},
                     .on_drained = {}});
    });
    return ask(listener->local(), {}, limits);
  }

  io::EventLoop loop_;
};

TEST_F(ClientTest, AsksAndHears) {
  const auto server =
      Server::start(loop_, {}, [](const Request& request) {
        Response response = text_response(
            201, std::string(to_string(request.method)) + " " + request.target.segments.at(0) +
                     " " + std::string(request.header("x-key").value_or("")) + " " + request.body);
        return response;
      }).value();
  const auto response =
      ask(server->local(),
          {.method = "PUT", .target = "/a%20b?c", .headers = {{"X-Key", "v"}}, .body = "body"});
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->status, 201U);
  EXPECT_EQ(response->body, "PUT a b v body");
  const Header type{"content-type", "text/plain; charset=utf-8"};
  EXPECT_NE(std::ranges::find(response->headers, type), response->headers.end());
  EXPECT_EQ(ask(server->local(), {.method = "HEAD", .target = "/x"})->body, "");
}

TEST_F(ClientTest, ReadsChunksAndWhatEndsWithTheConnection) {
  EXPECT_EQ(ask_one_that_says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
                              {})
                ->body,
            "abcde");
  EXPECT_EQ(ask_one_that_says("HTTP/1.0 200 OK\r\n\r\nall of it", {})->body, "all of it");
}

TEST_F(ClientTest, FailsOnWhatIsNoAnswer) {
  EXPECT_FALSE(ask_one_that_says("SSH-2.0-OpenSSH\r\n", {}));
  EXPECT_FALSE(ask_one_that_says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", {}));
  EXPECT_FALSE(
      ask_one_that_says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde", {.body_octets = 4}));
  const auto silent = ask_one_that_says("", {.time = milliseconds(50)});
  ASSERT_FALSE(silent);
  EXPECT_EQ(silent.error().message, "no answer in time");
}

TEST_F(ClientTest, FailsWithoutAServer) {
  const auto port = [&] {
    return io::Listener::listen(loop_, kAnywhere, {}, [](io::ByteStream) {})->local();
  }();
  EXPECT_FALSE(ask(port, {}));
}

TEST(ClientTexts, AreOfTheirCharacters) {
  EXPECT_TRUE(is_token("X-Key_1"));
  for (const auto* text : {"", "a b", "a:", "a\r\n"}) EXPECT_FALSE(is_token(text)) << text;
  EXPECT_TRUE(is_field_value("a b: c"));
  EXPECT_FALSE(is_field_value("a\r\nB: c"));
}

}  // namespace
}  // namespace fabrix::http
