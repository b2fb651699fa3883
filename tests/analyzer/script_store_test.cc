#include "analyzer/script_store.h"

#include <filesystem>
#include <string>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "tests/script/world.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;

TEST(ScriptStore, KeepsValues) {
  const script::testing::Folder folder;
  {
    ScriptStore store(folder.path("s.json"));
    EXPECT_TRUE(store.get("a").is_null());
    ASSERT_TRUE(store.set("a", json::object{{"k", 1}}));
    ASSERT_TRUE(store.set("b", "text"));
    EXPECT_TRUE(store.remove("b"));
    EXPECT_FALSE(store.remove("b"));
    ASSERT_TRUE(store.save());
  }
  ScriptStore store(folder.path("s.json"));
  EXPECT_EQ(json::serialize(store.get("a")), R"({"k":1})");
  EXPECT_EQ(json::serialize(store.keys()), R"(["a"])");
  // Nothing has changed: nothing is written.
  std::filesystem::remove(folder.path("s.json"));
  ASSERT_TRUE(store.save());
  EXPECT_FALSE(std::filesystem::exists(folder.path("s.json")));
}

TEST(ScriptStore, HasRoomForSoMuch) {
  ScriptStore store("");
  const std::string half(ScriptStore::kMaxOctets / 2, 'x');
  ASSERT_TRUE(store.set("a", json::string(half)));
  EXPECT_FALSE(store.set("b", json::string(half)));
  ASSERT_TRUE(store.set("a", 1));
  EXPECT_TRUE(store.set("b", json::string(half)));
  EXPECT_TRUE(store.save());
}

TEST(ScriptStore, BeginsEmptyWhereTheFileIsNone) {
  const script::testing::Folder folder;
  for (const auto* text : {"", "{", "[1]"}) {
    ScriptStore store(folder.write("s.json", text));
    EXPECT_TRUE(store.keys().empty()) << text;
  }
  ScriptStore nowhere(folder.path("not/here"));
  ASSERT_TRUE(nowhere.set("a", 1));
  EXPECT_FALSE(nowhere.save());
}

}  // namespace
}  // namespace fabrix::analyzer
