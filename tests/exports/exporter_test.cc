#include "exports/exporter.h"

#include <gmock/gmock.h>

#include "tests/exports/served.h"

namespace fabrix::exports {
namespace {

using ::testing::ElementsAre;
using testing::kPatience;
using testing::kQuick;

// Says of each batch what it is told to; then that it is taken.
struct Script {
  std::vector<SinkResult> answers;
  std::vector<std::string> batches;
};

class ScriptedSink final : public Sink {
 public:
  ScriptedSink(io::EventLoop& loop, Script& script) : loop_(loop), script_(script) {}
  std::string encode(const Entry& entry) const override { return entry.name; }
  std::chrono::milliseconds linger() const override { return std::chrono::milliseconds(1); }
  void send(std::span<const Item> batch, OnDone on_done) override {
    std::string text;
    for (const Item& item : batch) text += item.octets;
    script_.batches.push_back(text);
    SinkResult result;
    if (!script_.answers.empty()) {
      result = script_.answers.front();
      script_.answers.erase(script_.answers.begin());
    }
    loop_.post([result, on_done = std::move(on_done)] { on_done(result); });
  }

 private:
  io::EventLoop& loop_;
  Script& script_;
};

class ExporterTest : public ::testing::Test {
 protected:
  explicit ExporterTest(const ExportBuffer::Limits& limits = {.entries = 4, .octets = 100})
      : exporter_(loop_, site(), std::make_unique<ScriptedSink>(loop_, script_), limits, kQuick) {}

  static exchange::ExportSite site() {
    auto site = exchange::parse_export("influxdb=http://u:p@192.0.2.1/write?db=x").value();
    site.batch = 2;
    site.what = {exchange::Exported::kFlows};
    return site;
  }
  void add(const std::string& name) { exporter_.add({.name = name}); }
  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }
  bool is_empty() {
    return wait([this] { return exporter_.status().waiting == 0; });
  }

  io::EventLoop loop_;
  Script script_;
  Exporter exporter_;
};

TEST_F(ExporterTest, SendsInBatches) {
  for (const char* name : {"a", "b", "c"}) add(name);
  EXPECT_TRUE(is_empty());
  EXPECT_THAT(script_.batches, ElementsAre("ab", "c"));
  EXPECT_EQ(exporter_.status().sent, 3U);
  EXPECT_EQ(exporter_.status().url, "http://192.0.2.1:8086/write");
}

TEST_F(ExporterTest, LeavesOutWhatIsNotWantedOrSaysNothing) {
  exporter_.add({.kind = exchange::Exported::kEvents, .name = "event"});
  add("");
  EXPECT_EQ(exporter_.status().waiting, 0U);
}

TEST_F(ExporterTest, SendsAgainWhatWasNotTaken) {
  script_.answers = {{Delivery::kLater, "busy"}, {Delivery::kLater, "busy"}};
  add("a");
  EXPECT_TRUE(wait([&] { return exporter_.status().retries == 1; }));
  EXPECT_EQ(exporter_.status().problem, "busy");
  add("b");
  EXPECT_TRUE(is_empty());
  EXPECT_THAT(script_.batches, ElementsAre("a", "ab", "ab"));
  EXPECT_EQ(exporter_.status().sent, 2U);
  EXPECT_EQ(exporter_.status().problem, "");
}

TEST_F(ExporterTest, DropsTheOldestWhenThereIsNoRoom) {
  script_.answers = {{Delivery::kLater, "busy"}};
  add("a");
  EXPECT_TRUE(wait([&] { return exporter_.status().retries == 1; }));
  for (const char* name : {"b", "c", "d", "e", "f"}) add(name);
  EXPECT_EQ(exporter_.status().dropped, 2U);
  EXPECT_EQ(exporter_.status().waiting_octets, 4U);
  EXPECT_TRUE(is_empty());
  EXPECT_THAT(script_.batches, ElementsAre("a", "cd", "ef"));
}

TEST_F(ExporterTest, GoesOnAfterWhatIsRefused) {
  script_.answers = {{Delivery::kRefused, "400 no"}};
  for (const char* name : {"a", "b", "c"}) add(name);
  EXPECT_TRUE(is_empty());
  EXPECT_THAT(script_.batches, ElementsAre("ab", "c"));
  EXPECT_EQ(exporter_.status().failed, 2U);
  EXPECT_EQ(exporter_.status().sent, 1U);
}

}  // namespace
}  // namespace fabrix::exports
