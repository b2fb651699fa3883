#include "http/response_head.h"

#include <gtest/gtest.h>

namespace fabrix::http {
namespace {

using std::chrono::sys_seconds;

const sys_seconds kThen{std::chrono::seconds(784111777)};  // RFC 9110 §5.6.7's example

TEST(ResponseHead, Rfc9110_5_6_7_WritesDates) {
  EXPECT_EQ(http_date(kThen), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(sys_seconds{}), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(ResponseHead, FramesABodyOfKnownLength) {
  EXPECT_EQ(response_head({.status = 200, .headers = {{"Content-Type", "text/plain"}}, .body = ""},
                          {.persistence = Persistence::kKeep, .length = 5, .date = kThen}),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Content-Type: text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n");
}

TEST(ResponseHead, Rfc9112_6_1_ChunksWhatHasNoLength) {
  const Response response{.status = 200, .headers = {}, .body = ""};
  EXPECT_EQ(response_head(response, {.framing = Framing::kChunks, .date = kThen}),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(response_head(response, {.framing = Framing::kUntilClose, .date = kThen}),
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n\r\n");
}

TEST(ResponseHead, Rfc9110_8_6_GivesNoLengthWhereThereIsNoBody) {
  EXPECT_TRUE(is_bodiless(204));
  EXPECT_TRUE(is_bodiless(304));
  EXPECT_FALSE(is_bodiless(200));
  EXPECT_EQ(response_head({.status = 204, .headers = {}, .body = ""}, {.length = 0, .date = kThen}),
            "HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
            "Connection: close\r\n\r\n");
}

TEST(ResponseHead, LetsNoFieldBeginAnother) {
  const std::string head = response_head(
      {.status = 200, .headers = {{"X\r\nY", "a\r\nSet-Cookie: b"}}, .body = ""}, {.date = kThen});
  EXPECT_NE(head.find("X  Y: a  Set-Cookie: b\r\n"), std::string::npos);
}

TEST(ResponseHead, Rfc9112_7_1_WritesChunkSizesInHexadecimal) {
  EXPECT_EQ(chunk_begin(1), "1\r\n");
  EXPECT_EQ(chunk_begin(65536), "10000\r\n");
}

}  // namespace
}  // namespace fabrix::http
