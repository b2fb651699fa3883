#include "exports/http_client.h"

#include "tests/exports/served.h"

namespace fabrix::exports {
namespace {

using testing::kHere;
using testing::kPatience;
using testing::Web;

class HttpClientTest : public ::testing::Test {
 protected:
  Result<HttpAnswer> post(const HttpPost& request) {
    std::optional<Result<HttpAnswer>> answer;
    client_.post(request, [&](Result<HttpAnswer> said) { answer.emplace(std::move(said)); });
    EXPECT_TRUE(loop_.run_until([&] { return answer.has_value(); }, kPatience));
    return *std::move(answer);
  }

  io::EventLoop loop_;
  Web web_{loop_};
  HttpClient client_{loop_, {kHere, web_.port()}};
};

TEST_F(HttpClientTest, PostsAndReadsAnswers) {
  web_.answer = [](const http::Request&) { return http::text_response(404, "no database"); };
  const auto answer = post({.target = "/write?db=a%20b",
                            .headers = {{"Authorization", "Token t"}},
                            .body = "line 1\nline 2\n"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 404U);
  EXPECT_EQ(answer->body, "no database");
  ASSERT_EQ(web_.asked.size(), 1U);
  EXPECT_EQ(web_.asked[0].method, http::Method::kPost);
  EXPECT_EQ(web_.asked[0].target.parameter("db"), "a b");
  EXPECT_EQ(web_.asked[0].header("authorization"), "Token t");
  EXPECT_EQ(web_.asked[0].body, "line 1\nline 2\n");
}

TEST_F(HttpClientTest, KeepsItsConnection) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(post({.target = "/", .body = ""})->status, 204U);
  EXPECT_EQ(web_.asked[0].peer, web_.asked[2].peer);
}

TEST_F(HttpClientTest, DialsAgainWhenTheConnectionHasGone) {
  EXPECT_TRUE(post({.target = "/", .body = ""}));
  const std::uint16_t port = web_.port();
  web_.stop();
  web_.start(port);
  EXPECT_TRUE(post({.target = "/", .body = ""}));
  web_.stop();
  EXPECT_FALSE(post({.target = "/", .body = ""}));
  web_.start(port);
  EXPECT_TRUE(post({.target = "/", .body = ""}));
}

TEST_F(HttpClientTest, ReadsAnswersInPieces) {
  web_.answer = [](const http::Request&) {
    return http::streamed_response(
        "text/plain", [left = 3]() mutable -> std::optional<std::string> {
          return left-- > 0 ? std::optional<std::string>("piece ") : std::nullopt;
        });
  };
  EXPECT_EQ(post({.target = "/", .body = ""})->body, "piece piece piece ");
}

TEST_F(HttpClientTest, AnAnswerThatIsTooLongIsAFailure) {
  web_.answer = [](const http::Request&) {
    return http::text_response(200, std::string(2 * HttpClient::kLongestAnswer, 'x'));
  };
  EXPECT_FALSE(post({.target = "/", .body = ""}));
}

// RFC 7617 §2, RFC 4648 §10.
TEST(HttpClient, SaysWhoItIs) {
  EXPECT_EQ(basic_authorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(basic_authorization("a", "bc"), "Basic YTpiYw==");
  EXPECT_EQ(basic_authorization("a", "bcd"), "Basic YTpiY2Q=");
  EXPECT_EQ(basic_authorization("a", "bcde"), "Basic YTpiY2Rl");
}

}  // namespace
}  // namespace fabrix::exports
