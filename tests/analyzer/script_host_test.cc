#include "analyzer/script_host.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analyzer/hosted_world.h"

namespace fabrix::analyzer {
namespace {

using testing::HostedWorld;

TEST(ScriptHost, RunsWhatIsConfigured) {
  HostedWorld world;
  world.run("a.js", "logInfo('here')");
  world.run("b.js", "throw 'wrong'");
  ASSERT_TRUE(world.runs("a.js"));
  const auto pid = world.status("a.js").at("pid");
  ASSERT_TRUE(world.wait([&] { return world.status("b.js").at("ends").to_number<int>() > 1; }));
  EXPECT_EQ(world.status("b.js").at("lastError"), "wrong");
  EXPECT_EQ(boost::json::parse(world.get("/scripts/json")).as_object().size(), 2U);

  // Another list leaves alone what is the same.
  world.options.files.pop_back();
  ASSERT_TRUE(world.host.configure(world.options));
  EXPECT_EQ(boost::json::parse(world.get("/scripts/json")).as_object().size(), 1U);
  EXPECT_EQ(world.status("a.js").at("pid"), pid);
  // Other properties are for all.
  world.options.properties["p"] = "v";
  ASSERT_TRUE(world.host.configure(world.options));
  ASSERT_TRUE(world.runs("a.js"));
  EXPECT_NE(world.status("a.js").at("pid"), pid);
}

TEST(ScriptHost, RefusesWhatIsWrongAndStaysAsItWas) {
  HostedWorld world;
  world.run("a.js", "");
  for (const auto* target : {"ftp://192.0.2.1", "ftp://name.example", "192.0.2.1"}) {
    auto options = world.options;
    options.allow = {target};
    EXPECT_FALSE(world.host.configure(options)) << target;
  }
  auto relative = world.options;
  relative.commands = {"echo"};
  EXPECT_FALSE(world.host.configure(relative));
  auto twice = world.options;
  twice.files.emplace_back("/elsewhere/a.js");
  EXPECT_FALSE(world.host.configure(twice));
  auto many = world.options;
  for (std::size_t i = 0; i <= ScriptHost::kMaxScripts; ++i) {
    many.files.push_back(std::to_string(i));
  }
  EXPECT_FALSE(world.host.configure(many));
  EXPECT_TRUE(world.runs("a.js"));
}

TEST(ScriptHost, StopsAndStarts) {
  HostedWorld world;
  world.run("a.js", "logInfo('up')");
  ASSERT_TRUE(world.runs("a.js"));
  const auto put = [&](const std::string& body) {
    return world.ask(http::Method::kPut, "/scripts/a.js/json", body).status;
  };
  EXPECT_EQ(put(R"({"state":"stopped"})"), 204U);
  EXPECT_EQ(world.status("a.js").at("state"), "stopped");
  EXPECT_EQ(put(R"({"state":"running"})"), 204U);
  EXPECT_TRUE(world.runs("a.js"));
  EXPECT_EQ(put(R"({"state":"asleep"})"), 400U);
  EXPECT_EQ(put("no"), 400U);
}

TEST(ScriptHost, KnowsItsPaths) {
  HostedWorld world;
  world.run("a.js", "");
  const auto status = [&](http::Method method, const std::string& path) {
    return world.ask(method, path).status;
  };
  EXPECT_EQ(status(http::Method::kGet, "/script/b.js/json"), 404U);
  EXPECT_EQ(status(http::Method::kGet, "/script/a.js"), 404U);
  EXPECT_EQ(status(http::Method::kGet, "/scripts/b.js/json"), 404U);
  EXPECT_EQ(status(http::Method::kGet, "/scripts/a.js/nothing"), 404U);
  EXPECT_EQ(status(http::Method::kGet, "/scripts"), 404U);
  EXPECT_EQ(status(http::Method::kDelete, "/scripts/json"), 405U);
  EXPECT_EQ(status(http::Method::kDelete, "/scripts/a.js/json"), 405U);
  EXPECT_EQ(status(http::Method::kDelete, "/scripts/a.js/log/txt"), 405U);
  http::Request other;
  other.target = http::parse_target("/flow/json").value();
  EXPECT_FALSE(world.host.is_for_scripts(other));
}

// sFlow-RT's application prometheus is a part of the engine, unless its script is run.
TEST(ScriptHost, LeavesToTheRoutesWhatTheyHaveOfApplications) {
  HostedWorld world;
  http::Request request;
  request.target = http::parse_target("/app/prometheus/scripts/export.js/flows/ALL/txt").value();
  EXPECT_FALSE(world.host.is_for_scripts(request));
  world.run("export.js", "");
  EXPECT_TRUE(world.host.is_for_scripts(request));
}

// As sFlow-RT's applications browse-flows, browse-drops and top-flows, each with a top.js.
TEST(ScriptHost, KeepsScriptsOfOneNameInApplicationsApart) {
  HostedWorld world;
  for (const std::string name : {"drops", "flows"}) {
    std::filesystem::create_directories(world.folder.path(name + "/scripts"));
    world.options.store = world.folder.path("store");
    world.run(name + "/scripts/top.js",
              "storeSet('name', '" + name + "'); setHttpHandler(() => storeGet('name'))");
  }
  for (const std::string name : {"drops", "flows"}) {
    ASSERT_TRUE(world.runs(name + ".top.js"));
    EXPECT_TRUE(
        world.wait([&] { return world.get("/app/" + name + "/scripts/top.js/txt") == name; }));
    EXPECT_EQ(world.get("/script/" + name + ".top.js/txt"), name);
  }
  const auto status = [&](const std::string& path) {
    return world.ask(http::Method::kGet, path).status;
  };
  EXPECT_EQ(status("/script/top.js/txt"), 404U);
  EXPECT_EQ(status("/scripts/top.js/json"), 404U);
  EXPECT_EQ(status("/app/others/scripts/top.js/txt"), 404U);
  // Without the other one the file's name will do, but not as another application's.
  world.options.files.pop_back();
  ASSERT_TRUE(world.host.configure(world.options));
  EXPECT_EQ(world.get("/script/top.js/txt"), "drops");
  EXPECT_EQ(status("/app/others/scripts/top.js/txt"), 404U);
  world.run("a.js", "setHttpHandler(() => 'of none')");
  ASSERT_TRUE(world.runs("a.js"));
  EXPECT_TRUE(world.wait([&] { return world.get("/app/others/scripts/a.js/txt") == "of none"; }));
}

TEST(ScriptHost, HasThePagesOfApplications) {
  HostedWorld world;
  std::filesystem::create_directories(world.folder.path("traffic/scripts"));
  std::filesystem::create_directories(world.folder.path("traffic/html"));
  world.folder.write("traffic/html/index.html", "<p>pages</p>");
  world.run("traffic/scripts/a.js", "setHttpHandler(() => 'from the script')");
  EXPECT_EQ(world.get("/app/traffic/html/index.html"), "<p>pages</p>");
  EXPECT_EQ(world.ask(http::Method::kGet, "/app/other/html/index.html").status, 404U);
  ASSERT_TRUE(world.runs("a.js"));
  EXPECT_TRUE(
      world.wait([&] { return world.get("/app/traffic/scripts/a.js/txt") == "from the script"; }));
  auto two = world.options;
  two.files.emplace_back("/elsewhere/traffic/scripts/b.js");
  EXPECT_FALSE(world.host.configure(two));
  world.options.files.clear();
  ASSERT_TRUE(world.host.configure(world.options));
  EXPECT_EQ(world.ask(http::Method::kGet, "/app/traffic/html/index.html").status, 404U);
}

}  // namespace
}  // namespace fabrix::analyzer
