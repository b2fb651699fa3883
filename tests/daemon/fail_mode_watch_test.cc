// Of a real Open vSwitch's database, and of one that is not what it should be.
#include "daemon/fail_mode_watch.h"

#include <algorithm>
#include <filesystem>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/listener.h"
#include "tests/openflow/private_ovs.h"

namespace fabrix::daemon {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FailModeWatchTest : public ::testing::Test {
 protected:
  FailModeWatch::Options options(const std::string& path) const {
    return {.databases = {io::UnixEndpoint{path}},
            .every = milliseconds(50),
            .patience = patience_,
            .switches = [] {
              return std::vector<FailModeWatch::Switch>{{.name = "e1", .datapath_id = 0xe1}};
            }};
  }
  void watch(FailModeWatch::Options options) {
    watch_.emplace(loop_, std::move(options));
    watch_->on_notice = [this](Severity severity, const std::string& text) {
      notices_.push_back(text);
      if (severity == Severity::kError) ++errors_;
    };
  }
  bool comes(const std::function<bool()>& condition) {
    return loop_.run_until(condition, std::chrono::seconds(60));
  }
  bool is_secure() const {
    const auto states = watch_->states();
    return states.size() == 1 && states[0].name == "e1" && states[0].is_up;
  }
  bool has_fault(const std::string& words) const {
    const auto faults = watch_->faults();
    return faults.size() == 1 && faults[0].find(words) != std::string::npos;
  }

  io::EventLoop loop_;
  milliseconds patience_{30'000};
  std::optional<FailModeWatch> watch_;
  std::vector<std::string> notices_;
  int errors_ = 0;
};

class OpenVswitchFailModeTest : public FailModeWatchTest {
 protected:
  void SetUp() override {
    if (const auto why = tests::PrivateOvs::unavailable()) GTEST_SKIP() << *why;
    ASSERT_TRUE(ovs_.start() && ovs_.bridge("br0")) << ovs_.error();
    ASSERT_TRUE(ovs_.vsctl({"set", "bridge", "br0", "other-config:datapath-id=00000000000000e1"}))
        << ovs_.error();
  }
  std::string database() const { return ovs_.run_directory() + "/db.sock"; }

  tests::PrivateOvs ovs_;
};

TEST_F(OpenVswitchFailModeTest, IsToldOfWheneverItIsAnother) {
  watch(options(database()));
  ASSERT_TRUE(comes([this] { return is_secure(); }));
  ASSERT_TRUE(ovs_.vsctl({"set-fail-mode", "br0", "standalone"})) << ovs_.error();
  ASSERT_TRUE(comes([this] { return has_fault("is not fail-secure"); }));
  EXPECT_THAT(watch_->faults()[0], HasSubstr("ovs-vsctl set-fail-mode br0 secure"));
  EXPECT_FALSE(is_secure());
  ASSERT_TRUE(ovs_.vsctl({"set-fail-mode", "br0", "secure"})) << ovs_.error();
  ASSERT_TRUE(comes([this] { return is_secure(); }));
  EXPECT_THAT(watch_->faults(), IsEmpty());
  EXPECT_EQ(notices_.back(), "switch e1 is fail-secure");
  EXPECT_GE(errors_, 1);
  ASSERT_TRUE(ovs_.vsctl({"del-fail-mode", "br0"})) << ovs_.error();
  EXPECT_TRUE(comes([this] { return has_fault("is not fail-secure"); })) << "nothing is standalone";
}

TEST_F(OpenVswitchFailModeTest, IsSetWhereThatIsWanted) {
  ASSERT_TRUE(ovs_.vsctl({"set-fail-mode", "br0", "standalone"})) << ovs_.error();
  ASSERT_TRUE(ovs_.bridge("other")) << ovs_.error();
  ASSERT_TRUE(ovs_.vsctl({"set-fail-mode", "other", "standalone"})) << ovs_.error();
  auto wanted = options(database());
  wanted.sets = true;
  watch(std::move(wanted));
  ASSERT_TRUE(comes([this] { return is_secure(); }));
  EXPECT_TRUE(ovs_.vsctl({"get-fail-mode", "br0"}));
  EXPECT_EQ(std::ranges::count(notices_, "fail mode of br0 was not secure, and is set"), 1)
      << "and nobody else's bridge is touched";
}

TEST_F(FailModeWatchTest, AnUnreachableDatabaseIsToldOf) {
  watch(options("/nowhere/db.sock"));
  EXPECT_TRUE(comes([this] { return has_fault("unix:/nowhere/db.sock: "); }));
  EXPECT_FALSE(is_secure());
  EXPECT_EQ(notices_.size(), 1U) << "once";
}

// A listener that says `words` to whoever connects, or nothing.
class Impostor {
 public:
  Impostor(io::EventLoop& loop, std::string words) : words_(std::move(words)) {
    std::string pattern = std::filesystem::temp_directory_path() / "fxdb.XXXXXX";
    directory_ = mkdtemp(pattern.data());
    auto listener =
        io::Listener::listen(loop, io::UnixEndpoint{path()}, {}, [this](io::ByteStream stream) {
          stream.start({});
          std::ignore = stream.write(std::as_bytes(std::span(words_)));
          streams_.push_back(std::move(stream));
        });
    EXPECT_TRUE(listener);
    if (listener) listener_.emplace(*std::move(listener));
  }
  Impostor(const Impostor&) = delete;
  Impostor(Impostor&&) = delete;
  Impostor& operator=(const Impostor&) = delete;
  Impostor& operator=(Impostor&&) = delete;
  ~Impostor() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string path() const { return directory_ + "/db.sock"; }

 private:
  std::string words_;
  std::string directory_;
  std::vector<io::ByteStream> streams_;
  std::optional<io::Listener> listener_;
};

TEST_F(FailModeWatchTest, ADatabaseThatIsNoneIsToldOf) {
  const Impostor impostor(loop_, "220 mail.example ESMTP\r\n");
  watch(options(impostor.path()));
  EXPECT_TRUE(comes([this] { return has_fault("no answer of an OVSDB server"); }));
}

TEST_F(FailModeWatchTest, ADatabaseThatDoesNotAnswerIsToldOf) {
  const Impostor impostor(loop_, "");
  patience_ = milliseconds(100);
  watch(options(impostor.path()));
  EXPECT_TRUE(comes([this] { return has_fault("it does not answer in time"); }));
}

TEST_F(FailModeWatchTest, ASwitchOfNoDatabaseIsToldOf) {
  const Impostor impostor(
      loop_, R"({"id":1,"error":null,"result":[{"rows":[{"name":"x","datapath_id":"02"}]}]})");
  watch(options(impostor.path()));
  EXPECT_TRUE(comes([this] { return has_fault("no database has it"); }));
}

}  // namespace
}  // namespace fabrix::daemon
