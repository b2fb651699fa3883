#include "analyzer/app_files.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "http/target.h"
#include "tests/script/world.h"

namespace fabrix::analyzer {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;

class AppFilesTest : public ::testing::Test {
 protected:
  AppFilesTest() {
    write("app/traffic/scripts/metrics.js", "");
    write("app/traffic/html/index.html", "<p>here</p>");
    write("app/traffic/html/css/a.css", "p {}");
    write("app/traffic/secret.txt", "secret");
    files_ = AppFiles::of({folder_.path("app/traffic/scripts/metrics.js"),
                           folder_.path("app/traffic/scripts/other.js"), folder_.path("alone.js")})
                 .value();
  }

  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(folder_.path(name)).parent_path());
    folder_.write(name, text);
  }
  void link(const std::string& to, const std::string& name) const {
    fs::create_symlink(to, folder_.path(name));
  }

  http::Response ask(const std::string& target, http::Method method = http::Method::kGet) const {
    http::Request request;
    request.method = method;
    request.target = http::parse_target(target).value();
    EXPECT_TRUE(AppFiles::is_for_files(request)) << target;
    return files_.answer(request);
  }
  unsigned status(const std::string& target) const { return ask(target).status; }

  script::testing::Folder folder_;
  AppFiles files_;
};

std::string body_of(const http::Response& response) {
  return std::get<std::string>(response.body);
}

TEST_F(AppFilesTest, AnswersWithAFileAndWhatItIs) {
  const auto page = ask("/app/traffic/html/index.html");
  EXPECT_EQ(page.status, 200U);
  EXPECT_EQ(body_of(page), "<p>here</p>");
  EXPECT_THAT(page.headers, Contains(http::Header{"Content-Type", "text/html; charset=utf-8"}));
  EXPECT_THAT(page.headers, Contains(http::Header{"X-Content-Type-Options", "nosniff"}));
  EXPECT_EQ(body_of(ask("/app/traffic/html/css/a.css?v=1")), "p {}");
  write("app/traffic/html/css/a.css", "b {}");
  EXPECT_EQ(body_of(ask("/app/traffic/html//css/a.css")), "b {}") << "as it is now";
}

TEST_F(AppFilesTest, AFolderIsItsIndex) {
  for (const char* target : {"/app/traffic/html", "/app/traffic/html/"}) {
    const auto answer = ask(target);
    EXPECT_EQ(answer.status, 302U);
    EXPECT_THAT(answer.headers, Contains(http::Header{"Location", "/app/traffic/html/index.html"}));
  }
  fs::create_directories(folder_.path("app/traffic/html/a b"));
  EXPECT_THAT(ask("/app/traffic/html/a%20b").headers,
              Contains(http::Header{"Location", "/app/traffic/html/a%20b/index.html"}));
  EXPECT_EQ(status("/app/traffic/html/css/index.html"), 404U);
}

TEST_F(AppFilesTest, ThereIsNothingElse) {
  EXPECT_EQ(status("/app/traffic/html/nothing.html"), 404U);
  EXPECT_EQ(status("/app/traffic/html/index.html/more"), 404U);
  EXPECT_EQ(status("/app/elsewhere/html/index.html"), 404U);
  EXPECT_EQ(status("/app/alone.js/html/index.html"), 404U);
  EXPECT_EQ(ask("/app/traffic/html/index.html", http::Method::kPut).status, 405U);
  EXPECT_EQ(ask("/app/traffic/html/index.html", http::Method::kHead).status, 200U);
}

TEST_F(AppFilesTest, NothingOutsideOfTheFolderIsRead) {
  // As they are and once encoded; the first kind is no target at all (http/target.h).
  EXPECT_FALSE(http::parse_target("/app/traffic/html/../secret.txt"));
  EXPECT_FALSE(http::parse_target("/app/traffic/html/%2e%2e/secret.txt"));
  for (const char* target :
       {"/app/traffic/html/..%2Fsecret.txt", "/app/traffic/html/css%2F..%2F..%2Fsecret.txt",
        "/app/traffic/html/%2Fetc%2Fpasswd", "/app/traffic/html/%252e%252e/secret.txt"}) {
    EXPECT_EQ(status(target), 404U) << target;
  }
  http::Request made;  // whoever parses targets otherwise
  made.target.segments = {"app", "traffic", "html", "..", "secret.txt"};
  EXPECT_EQ(files_.answer(made).status, 404U);
  made.target.segments = {"app", "..", "html", "index.html"};
  EXPECT_EQ(files_.answer(made).status, 404U);
}

TEST_F(AppFilesTest, SymbolicLinksLeadNowhereElse) {
  link("../secret.txt", "app/traffic/html/out.txt");
  link(folder_.path("app/traffic"), "app/traffic/html/up");
  link("/proc/self/environ", "app/traffic/html/process");
  link("css/a.css", "app/traffic/html/inside.css");
  EXPECT_EQ(status("/app/traffic/html/out.txt"), 404U);
  EXPECT_EQ(status("/app/traffic/html/up/secret.txt"), 404U);
  EXPECT_EQ(status("/app/traffic/html/process"), 404U);
  EXPECT_EQ(body_of(ask("/app/traffic/html/inside.css")), "p {}");
}

TEST_F(AppFilesTest, OnlyFilesThatAreMeantToBeSeen) {
  write("app/traffic/html/.hidden", "secret");
  write("app/traffic/html/.git/config", "secret");
  ASSERT_EQ(mkfifo(folder_.path("app/traffic/html/fifo").c_str(), 0600), 0);
  EXPECT_EQ(status("/app/traffic/html/.hidden"), 404U);
  EXPECT_EQ(status("/app/traffic/html/.git/config"), 404U);
  EXPECT_EQ(status("/app/traffic/html/fifo"), 404U);
}

TEST_F(AppFilesTest, AFileHasABoundedSize) {
  write("app/traffic/html/large", "");
  fs::resize_file(folder_.path("app/traffic/html/large"), AppFiles::kMaxFile);
  EXPECT_EQ(body_of(ask("/app/traffic/html/large")).size(), AppFiles::kMaxFile);
  fs::resize_file(folder_.path("app/traffic/html/large"), AppFiles::kMaxFile + 1);
  EXPECT_EQ(status("/app/traffic/html/large"), 500U);
}

TEST_F(AppFilesTest, ApplicationsHaveNamesOfTheirOwn) {
  EXPECT_FALSE(AppFiles::of({"/a/traffic/scripts/x.js", "/b/traffic/scripts/y.js"}));
  EXPECT_TRUE(AppFiles::of({"/a/traffic/scripts/x.js", "/a/other/scripts/y.js", "/scripts/z.js"}));
}

TEST(ContentType, IsByTheExtension) {
  EXPECT_EQ(content_type_of("a.b/x.JS"), "text/javascript; charset=utf-8");
  EXPECT_EQ(content_type_of("x.svg"), "image/svg+xml");
  EXPECT_EQ(content_type_of("x.woff2"), "font/woff2");
  EXPECT_EQ(content_type_of("x.exe"), "application/octet-stream");
  EXPECT_EQ(content_type_of("x"), "application/octet-stream");
}

}  // namespace
}  // namespace fabrix::analyzer
