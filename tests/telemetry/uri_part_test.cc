#include "telemetry/uri_part.h"

#include <gtest/gtest.h>

namespace fabrix::telemetry {
namespace {

std::string part(std::string_view uri, std::string_view name) {
  std::string out;
  return append_uri_part(uri, name, out) ? out : "(none)" + out;
}

TEST(UriPart, TakesAUriApart) {
  const char* const uri = "http://user@host:8080/a/b/c.tar.gz?q=1#top";
  EXPECT_EQ(part(uri, "scheme"), "http");
  EXPECT_EQ(part(uri, "user"), "user");
  EXPECT_EQ(part(uri, "authority"), "user@host:8080");
  EXPECT_EQ(part(uri, "host"), "host");
  EXPECT_EQ(part(uri, "port"), "8080");
  EXPECT_EQ(part(uri, "path"), "/a/b/c.tar.gz");
  EXPECT_EQ(part(uri, "file"), "c.tar.gz");
  EXPECT_EQ(part(uri, "extension"), "gz");
  EXPECT_EQ(part(uri, "query"), "q=1");
  EXPECT_EQ(part(uri, "fragment"), "top");
  EXPECT_EQ(part(uri, "isabsolute"), "true");
  EXPECT_EQ(part(uri, "isopaque"), "false");
  EXPECT_EQ(part(uri, "normalized"), uri);
}

// The examples of RFC 3986 §1.1.2.
TEST(UriPart, KnowsTheFormsOfTheStandard) {
  EXPECT_EQ(part("ldap://[2001:db8::7]/c=GB?objectClass?one", "host"), "[2001:db8::7]");
  EXPECT_EQ(part("ldap://[2001:db8::7]/c=GB?objectClass?one", "port"), "(none)");
  EXPECT_EQ(part("ldap://[2001:db8::7]:389/c=GB", "port"), "389");
  EXPECT_EQ(part("ldap://[2001:db8::7]/c=GB?objectClass?one", "query"), "objectClass?one");
  EXPECT_EQ(part("mailto:John.Doe@example.com", "isopaque"), "true");
  EXPECT_EQ(part("mailto:John.Doe@example.com", "path"), "(none)");
  EXPECT_EQ(part("mailto:John.Doe@example.com", "file"), "(none)");
  EXPECT_EQ(part("mailto:John.Doe@example.com", "normalized"), "mailto:John.Doe@example.com");
  EXPECT_EQ(part("urn:oasis:names:specification", "scheme"), "urn");
  EXPECT_EQ(part("telnet://192.0.2.16:80/", "port"), "80");
}

TEST(UriPart, APathAloneIsOneToo) {
  EXPECT_EQ(part("/metrics/json?a=b", "path"), "/metrics/json");
  EXPECT_EQ(part("/metrics/json?a=b", "query"), "a=b");
  EXPECT_EQ(part("/metrics/json", "isabsolute"), "false");
  EXPECT_EQ(part("/a:b/c", "scheme"), "(none)");
  for (const char* const name :
       {"scheme", "user", "authority", "host", "port", "extension", "query", "fragment"}) {
    EXPECT_EQ(part("/metrics/json", name), "(none)") << name;
  }
  EXPECT_EQ(part("/metrics/", "file"), "(none)");
  EXPECT_EQ(part("", "path"), "(none)");
  EXPECT_EQ(part("1a:b", "scheme"), "(none)");
  EXPECT_EQ(part("http://host", "path"), "(none)");
  EXPECT_EQ(part("//host/x", "host"), "host");
  EXPECT_EQ(part("x", "other"), "(none)");
}

// §5.2.4, and the results of §5.4 for paths that begin at the root.
TEST(UriPart, TakesDotsOutOfPaths) {
  EXPECT_EQ(part("http://a/b/c/./../../g", "normalized"), "http://a/g");
  EXPECT_EQ(part("/b/c/../d", "normalized"), "/b/d");
  EXPECT_EQ(part("/b/c/..", "normalized"), "/b/");
  EXPECT_EQ(part("/b/c/.", "normalized"), "/b/c/");
  EXPECT_EQ(part("/../g", "normalized"), "/g");
  EXPECT_EQ(part("/b/c/g;x=1/../y", "normalized"), "/b/c/y");
  EXPECT_EQ(part("/b/c/g.", "normalized"), "/b/c/g.");
  EXPECT_EQ(part("/b/", "normalized"), "/b/");
  EXPECT_EQ(part("/", "normalized"), "/");
  EXPECT_EQ(part("/..", "normalized"), "/");
  EXPECT_EQ(part("a/../b", "normalized"), "b");
  EXPECT_EQ(part("/a//b", "normalized"), "/a//b");
}

}  // namespace
}  // namespace fabrix::telemetry
