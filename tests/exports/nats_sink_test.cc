#include "exports/nats_sink.h"

#include <gmock/gmock.h>

#include "exports/entry_json.h"
#include "tests/exports/served.h"
#include "tests/io/tls_world.h"

namespace fabrix::exports {
namespace {

using exchange::ExportKind;
using testing::Exporting;
using testing::Folder;
using testing::free_port;
using ::testing::HasSubstr;
using testing::kHere;
using testing::kPatience;
using testing::Program;

// A client of JetStream's that is not ours to test.
class Asker {
 public:
  Asker(io::EventLoop& loop, std::uint16_t port) : loop_(loop) {
    connector_.emplace(loop, io::IpEndpoint{kHere, port}, io::ConnectOptions{},
                       [this](Result<io::ByteStream> stream) {
                         ASSERT_TRUE(stream);
                         stream_.emplace(*std::move(stream));
                         stream_->start({.on_data =
                                             [this](std::span<const std::byte> data) {
                                               for (const std::byte octet : data) {
                                                 heard_ += static_cast<char>(octet);
                                               }
                                             },
                                         .on_end = {},
                                         .on_drained = {}});
                       });
    EXPECT_TRUE(hears("INFO"));
    say("CONNECT {\"verbose\":false}\r\nSUB answer 1\r\n");
  }

  std::string ask(const std::string& subject, const std::string& body = {}) {
    heard_.clear();
    say("PUB " + subject + " answer " + std::to_string(body.size()) + "\r\n" + body + "\r\n");
    EXPECT_TRUE(hears("}\r\n")) << heard_;
    return heard_;
  }

 private:
  void say(const std::string& text) { ASSERT_TRUE(stream_->write(std::as_bytes(std::span(text)))); }
  bool hears(const char* what) {
    return loop_.run_until([&] { return heard_.find(what) != std::string::npos; }, kPatience);
  }

  io::EventLoop& loop_;
  std::optional<io::Connector> connector_;
  std::optional<io::ByteStream> stream_;
  std::string heard_;
};

class NatsSinkTest : public ::testing::Test {
 protected:
  bool start(std::vector<std::string> options = {"-js"}) {
    options.insert(options.begin(), {"nats-server", "-a", "127.0.0.1", "-p", std::to_string(port_),
                                     "-sd", folder_.path()});
    server_.emplace(loop_, std::move(options), port_);
    return server_->start();
  }
  std::string url(const std::string& user = {}) const {
    return "nats://" + user + "127.0.0.1:" + std::to_string(port_) + "/site.fabrix";
  }

  io::EventLoop loop_;
  Folder folder_{"nats"};
  std::uint16_t port_ = free_port(loop_);
  std::optional<Program> server_;
};

constexpr const char* kMissing = "nats-server is not installed (package nats-server)";

TEST_F(NatsSinkTest, JetstreamStoresAllOfItAlsoAfterARestart) {
  if (!start()) GTEST_SKIP() << kMissing;
  Exporting to(loop_, ExportKind::kNats, url());
  for (int i = 0; i < 25; ++i) to.exporter->add(flow_entry(i));
  ASSERT_TRUE(to.has_sent(25)) << to.exporter->status().problem;
  server_->kill();
  for (int i = 25; i < 50; ++i) to.exporter->add(flow_entry(i));
  ASSERT_TRUE(to.has_problem());
  ASSERT_TRUE(server_->start());
  ASSERT_TRUE(to.has_sent(50));
  EXPECT_EQ(to.exporter->status().dropped, 0U);
  Asker asker(loop_, port_);
  EXPECT_THAT(asker.ask("$JS.API.STREAM.INFO.SITE-FABRIX"), HasSubstr("\"messages\":50,"));
  // The last, as it was sent, in base 64.
  EXPECT_THAT(asker.ask("$JS.API.STREAM.MSG.GET.SITE-FABRIX", "{\"seq\":50}"),
              HasSubstr("\"subject\":\"site.fabrix.flows\",\"seq\":50,"));
}

TEST_F(NatsSinkTest, EachKindHasItsSubject) {
  if (!start()) GTEST_SKIP() << kMissing;
  Exporting to(loop_, ExportKind::kNats, url());
  for (const Entry& entry : {flow_entry(), top_entry(), metric_entry(), event_entry()}) {
    to.exporter->add(entry);
  }
  ASSERT_TRUE(to.has_sent(4)) << to.exporter->status().problem;
  Asker asker(loop_, port_);
  const auto info =
      asker.ask("$JS.API.STREAM.INFO.SITE-FABRIX", R"({"subjects_filter":"site.fabrix.>"})");
  for (const char* kind : {"flows", "top", "metrics", "events"}) {
    EXPECT_THAT(info, HasSubstr(std::string("\"site.fabrix.") + kind + "\":1"));
  }
}

TEST_F(NatsSinkTest, SaysWhatIsWrong) {
  if (!start({"--user", "u", "--pass", "p"})) GTEST_SKIP() << kMissing;
  Exporting stranger(loop_, ExportKind::kNats, url());
  stranger.exporter->add(flow_entry());
  ASSERT_TRUE(stranger.says("Authorization")) << stranger.exporter->status().problem;
  Exporting user(loop_, ExportKind::kNats, url("u:p@"));
  user.exporter->add(flow_entry());
  ASSERT_TRUE(user.says("is JetStream on?")) << user.exporter->status().problem;
}

// A server that wants TLS has it, also where the URL does not say so.
TEST_F(NatsSinkTest, SpeaksTls) {
  io::testing::Authority authority("nats");
  const auto certificate = authority.issue("DNS:localhost");
  if (!start({"-js", "--tls", "--tlscert", certificate.file, "--tlskey", certificate.key})) {
    GTEST_SKIP() << kMissing;
  }
  const std::string port = ":" + std::to_string(port_) + "/site.fabrix";
  Exporting stranger(loop_, ExportKind::kNats, "tls://localhost" + port);
  stranger.exporter->add(flow_entry());
  ASSERT_TRUE(stranger.says("the server's certificate: unable to get local issuer certificate"))
      << stranger.exporter->status().problem;
  for (const char* const scheme : {"tls://localhost", "nats://localhost"}) {
    Exporting to(loop_, ExportKind::kNats, scheme + port, authority.file());
    to.exporter->add(flow_entry());
    ASSERT_TRUE(to.has_sent(1)) << to.exporter->status().problem;
  }
  Exporting other(loop_, ExportKind::kNats, "tls://127.0.0.1" + port, authority.file());
  other.exporter->add(flow_entry());
  ASSERT_TRUE(other.says("IP address mismatch")) << other.exporter->status().problem;
}

TEST_F(NatsSinkTest, SaysThatThereIsNoTls) {
  if (!start()) GTEST_SKIP() << kMissing;
  Exporting to(loop_, ExportKind::kNats, "tls" + url().substr(4));
  to.exporter->add(flow_entry());
  ASSERT_TRUE(to.says("the server has no TLS")) << to.exporter->status().problem;
}

}  // namespace
}  // namespace fabrix::exports
