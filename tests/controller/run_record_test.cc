#include "controller/run_record.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "io/file.h"
#include "tests/io/world.h"

namespace fabrix::controller {
namespace {

const Sessions kTwo{io::testing::ip("192.0.2.1"), io::testing::ip("2001:db8::1")};

TEST(RunRecordFormat, ReadsWhatItWrites) {
  EXPECT_EQ(format_sessions(kTwo), "fabrix sessions 1\n192.0.2.1\n2001:db8::1\n");
  EXPECT_EQ(parse_sessions(format_sessions(kTwo)), kTwo);
  EXPECT_EQ(parse_sessions(format_sessions({})), Sessions{});
}

TEST(RunRecordFormat, TakesNoOtherFileForARecord) {
  for (const char* text :
       {"", "\n", "fabrix sessions 2\n", "fabrix sessions 1", "fabrix sessions 1\n192.0.2.1",
        "fabrix sessions 1\n\n", "fabrix sessions 1\n192.0.2.1 \n", "192.0.2.1\n"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_sessions(text));
  }
}

class RunRecordTest : public testing::Test {
 protected:
  std::string content() const { return io::read_file(path_).value_or("no file"); }
  bool wait_for(const Sessions& wanted) {
    return loop_.run_until([&] { return content() == format_sessions(wanted); },
                           io::testing::kPatience);
  }

  io::testing::TemporaryDirectory directory_;
  const std::string path_ = directory_ / "record";
  io::EventLoop loop_;
};

TEST_F(RunRecordTest, ProcessesThatEndInOrderLeaveNothing) {
  {
    RunRecord record(loop_, path_);
    EXPECT_FALSE(record.found());
    EXPECT_FALSE(std::filesystem::exists(path_)) << "nothing yet";
    record.keep([] { return kTwo; });
    EXPECT_EQ(content(), format_sessions(kTwo));
    record.finish();
    record.changed();
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_FALSE(RunRecord(loop_, path_).found());
}

TEST_F(RunRecordTest, OthersLeaveWhoWasThere) {
  {
    RunRecord record(loop_, path_);
    record.keep([] { return kTwo; });
  }
  const RunRecord next(loop_, path_);
  EXPECT_TRUE(next.found());
  EXPECT_EQ(next.sessions_before(), kTwo);
}

TEST_F(RunRecordTest, AFileOfAnotherFormSaysOnlyThatSomebodyRan) {
  std::ofstream(path_) << "";
  const RunRecord record(loop_, path_);
  EXPECT_TRUE(record.found());
  EXPECT_FALSE(record.sessions_before());
}

TEST_F(RunRecordTest, WritesManyChangesAtOnceAndTheLastOfThemAlways) {
  Sessions sessions;
  int asked = 0;
  RunRecord record(loop_, path_);
  record.keep([&] {
    ++asked;
    return sessions;
  });
  for (int i = 0; i < 100; ++i) record.changed();
  sessions = kTwo;
  record.changed();
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(wait_for(kTwo));
  EXPECT_EQ(asked, 2);
  sessions.pop_back();
  record.changed();
  EXPECT_TRUE(wait_for(sessions));
}

TEST_F(RunRecordTest, GoesOnWhereItCannotWrite) {
  RunRecord record(loop_, directory_ / "none/record");
  record.keep([] { return kTwo; });
  record.finish();
}

}  // namespace
}  // namespace fabrix::controller
