#include "http/message.h"

#include <gtest/gtest.h>

namespace fabrix::http {
namespace {

TEST(Message, NamesEachMethod) {
  EXPECT_EQ(to_string(Method::kGet), "GET");
  EXPECT_EQ(to_string(Method::kHead), "HEAD");
  EXPECT_EQ(to_string(Method::kPost), "POST");
  EXPECT_EQ(to_string(Method::kPut), "PUT");
  EXPECT_EQ(to_string(Method::kPatch), "PATCH");
  EXPECT_EQ(to_string(Method::kDelete), "DELETE");
  EXPECT_EQ(to_string(Method::kOptions), "OPTIONS");
}

TEST(Message, FindsTheFirstHeaderOfAName) {
  const Request request{.headers = {{"accept", "a"}, {"accept", "b"}}};
  EXPECT_EQ(request.header("accept"), "a");
  EXPECT_EQ(request.header("host"), std::nullopt);
}

TEST(Message, Rfc9110_15_NamesStatuses) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(505), "HTTP Version Not Supported");
  EXPECT_EQ(reason_phrase(299), "Status");
}

TEST(Message, Rfc9457_SaysWhatIsWrong) {
  const Response response = problem(404, "no member \"x\"");
  EXPECT_EQ(response.status, 404U);
  EXPECT_EQ(response.headers, (std::vector<Header>{{"Content-Type", "application/problem+json"}}));
  EXPECT_EQ(std::get<std::string>(response.body),
            "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
            "\"detail\":\"no member \\\"x\\\"\"}\n");
}

TEST(Message, SaysWhatItsBodyIs) {
  const Response json = json_response(201, "{}");
  EXPECT_EQ(json.status, 201U);
  EXPECT_EQ(json.headers, (std::vector<Header>{{"Content-Type", "application/json"}}));
  EXPECT_EQ(std::get<std::string>(json.body), "{}");
}

TEST(Message, ABodyMayComeInPieces) {
  const Response response =
      streamed_response("text/csv", [] { return std::optional<std::string>(); });
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.headers, (std::vector<Header>{{"Content-Type", "text/csv"}}));
  EXPECT_TRUE(std::holds_alternative<NextPiece>(response.body));
}

TEST(Message, Rfc9110_15_5_6_SaysWhatIsAllowed) {
  const Response response = method_not_allowed("GET, HEAD");
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(response.headers.back(), (Header{"Allow", "GET, HEAD"}));
}

TEST(Message, Rfc8259_7_EscapesStrings) {
  EXPECT_EQ(json_string("plain \xc3\xa9"), "\"plain \xc3\xa9\"");
  EXPECT_EQ(json_string("a\"b\\c\n\x7f"), R"("a\"b\\c\u000a\u007f")");
}

}  // namespace
}  // namespace fabrix::http
