#include "http/basic_authorization.h"

#include <gtest/gtest.h>

namespace fabrix::http {
namespace {

// RFC 7617 §2, RFC 4648 §10.
TEST(BasicAuthorizationTest, SaysWhoItIs) {
  EXPECT_EQ(basic_authorization("Aladdin", "open sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(basic_authorization("a", "bc"), "Basic YTpiYw==");
  EXPECT_EQ(basic_authorization("a", "bcd"), "Basic YTpiY2Q=");
  EXPECT_EQ(basic_authorization("a", "bcde"), "Basic YTpiY2Rl");
}

}  // namespace
}  // namespace fabrix::http
