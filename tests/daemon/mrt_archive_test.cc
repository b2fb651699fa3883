#include "daemon/mrt_archive.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "daemon/engine_table.h"
#include "io/file.h"
#include "monitoring/mrt_reader.h"
#include "tests/daemon/watched_world.h"
#include "tests/io/world.h"

namespace fabrix::daemon {
namespace {

// The records of the first file of a kind; none while there is no such file.
std::size_t records(const std::string& directory, const std::string& kind) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kind) || !name.ends_with(".mrt")) continue;
    const std::string text = *io::read_file(entry.path().string(), std::size_t{1} << 20U);
    monitoring::MrtReader reader(std::as_bytes(std::span(text)));
    std::size_t count = 0;
    while (true) {
      const auto record = reader.next();
      EXPECT_TRUE(record);
      if (!record || !*record) return count;
      ++count;
    }
  }
  return 0;
}

TEST(MrtArchive, HasTheTableEverySoOftenAndWhatHappened) {
  const io::testing::TemporaryDirectory directory;
  api::testing::World world;
  io::EventLoop loop;
  SessionWatch watch(world.controller, testing::fake_words(world.controller));
  const EngineTable table(world.controller.route_server(), watch);
  const routeserver::PeerId b{1};
  const MrtArchive archive(loop,
                           {.directory = directory.path(),
                            .table_interval = std::chrono::seconds(1),
                            .updates_interval = std::chrono::seconds(86'400),
                            .collector_id = 1,
                            .view_name = "sample"},
                           watch, table);
  world.controller.session_up(b, {.bgp_identifier = 2});
  world.announce("b1", "150.0.0.0/24", {200});
  // The index of peers, and the prefixes that B has.
  ASSERT_TRUE(loop.run_until([&] { return records(directory.path(), "rib.") == 3; },
                             io::testing::kPatience));
  // That B came up, and its update.
  ASSERT_TRUE(loop.run_until([&] { return records(directory.path(), "updates.") == 2; },
                             io::testing::kPatience));
}

}  // namespace
}  // namespace fabrix::daemon
