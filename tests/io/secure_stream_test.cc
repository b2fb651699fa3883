// Against OpenSSL's own server.
#include "io/secure_stream.h"

#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "io/dialer.h"
#include "io/listener.h"
#include "tests/io/tls_world.h"

namespace fabrix::io {
namespace {

using testing::Authority;
using testing::Certificate;
using testing::in_one_file;
using testing::ip;
using testing::kPatience;
using testing::TlsServer;

class SecureStreamTest : public ::testing::Test {
 protected:
  // Null: it cannot be reached.
  std::unique_ptr<SecureStream> dial(std::uint16_t port) {
    std::optional<ByteStream> plain;
    const Dialer dialer(loop_, {"127.0.0.1", port}, kPatience, [&](Result<ByteStream> stream) {
      ASSERT_TRUE(stream) << stream.error().message;
      plain.emplace(*std::move(stream));
    });
    EXPECT_TRUE(loop_.run_until([&] { return plain.has_value(); }, kPatience));
    return std::make_unique<SecureStream>(
        *std::move(plain),
        SecureStream::Handlers{.on_data =
                                   [this](std::span<const std::byte> octets) {
                                     for (const std::byte octet : octets) {
                                       heard_ += static_cast<char>(octet);
                                     }
                                   },
                               .on_end = [this](const StreamEnd& end) { end_ = end; }});
  }

  // What is said to be wrong; empty: "fabrix" came back as "xirbaf".
  std::string talk(std::uint16_t port, const TlsOptions& options) {
    heard_.clear();
    end_.reset();
    const auto stream = dial(port);
    const auto begun = stream->start_tls(options);
    if (!begun) return begun.error().message;
    const std::string text = "fabrix\n";
    EXPECT_TRUE(stream->write(std::as_bytes(std::span(text))));
    EXPECT_TRUE(loop_.run_until([&] { return heard_ == "xirbaf\n" || end_; }, kPatience));
    return end_ ? end_->text : "";
  }

  EventLoop loop_;
  Authority authority_{"tls"};
  std::string heard_;
  std::optional<StreamEnd> end_;
};

TEST_F(SecureStreamTest, TalksToAServerThatIsKnown) {
  const TlsServer server(loop_, authority_.issue("DNS:localhost,DNS:*.example.net,IP:127.0.0.1"));
  for (const char* host : {"127.0.0.1", "localhost", "db.example.net"}) {
    EXPECT_EQ(talk(server.port(), {.host = host, .ca_file = authority_.file()}), "") << host;
  }
}

TEST_F(SecureStreamTest, TalksToNobodyElse) {
  const TlsServer server(loop_, authority_.issue("DNS:localhost,DNS:*.example.net,IP:127.0.0.1"));
  EXPECT_EQ(talk(server.port(), {.host = "localhost", .ca_file = {}}),
            "the server's certificate: unable to get local issuer certificate");
  for (const char* host : {"other", "a.b.example.net", "example.net"}) {
    EXPECT_EQ(talk(server.port(), {.host = host, .ca_file = authority_.file()}),
              "the server's certificate: hostname mismatch")
        << host;
  }
  EXPECT_EQ(talk(server.port(), {.host = "127.0.0.2", .ca_file = authority_.file()}),
            "the server's certificate: IP address mismatch");
  const Authority stranger("stranger");
  EXPECT_NE(talk(server.port(), {.host = "localhost", .ca_file = stranger.file()}), "");
  EXPECT_EQ(talk(server.port(), {.host = "localhost", .ca_file = "/no/such/file"}),
            "certificates of /no/such/file: No such file or directory");
}

TEST_F(SecureStreamTest, SaysWhoItIsToAServerThatAsks) {
  const TlsServer server(
      loop_, authority_.issue("DNS:localhost"),
      {"-rev", "-Verify", "1", "-verify_return_error", "-CAfile", authority_.file()});
  const Certificate ours = authority_.issue("DNS:client.example");
  TlsOptions options{
      .host = "localhost", .ca_file = authority_.file(), .identity_file = in_one_file(ours)};
  EXPECT_EQ(talk(server.port(), options), "");
  options.identity_file = "";
  EXPECT_NE(talk(server.port(), options), "") << "nobody";
  options.identity_file = ours.file;
  EXPECT_EQ(talk(server.port(), options).find("certificate and key of " + ours.file), 0U);
}

TEST_F(SecureStreamTest, SpeaksTls12ButNothingOlder) {
  const auto certificate = authority_.issue("DNS:localhost");
  const TlsOptions options{.host = "localhost", .ca_file = authority_.file()};
  const TlsServer old(loop_, certificate, {"-rev", "-tls1_2"});
  EXPECT_EQ(talk(old.port(), options), "");
  const TlsServer oldest(loop_, certificate, {"-rev", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"});
  EXPECT_EQ(talk(oldest.port(), options), "TLS: tlsv1 alert protocol version");
}

TEST_F(SecureStreamTest, MuchGoesThrough) {
  const TlsServer server(loop_, authority_.issue("DNS:localhost"));
  const auto stream = dial(server.port());
  ASSERT_TRUE(stream->start_tls({.host = "localhost", .ca_file = authority_.file()}));
  std::string lines;
  for (int i = 0; i < 20'000; ++i) lines += "0123456789\n";
  ASSERT_TRUE(stream->write(std::as_bytes(std::span(lines))));
  ASSERT_TRUE(loop_.run_until([&] { return heard_.size() >= lines.size() || end_; }, kPatience));
  EXPECT_EQ(heard_.substr(0, 22), "9876543210\n9876543210\n");
  EXPECT_EQ(heard_.size(), lines.size());
}

TEST_F(SecureStreamTest, AnEndThatIsNotAnnouncedIsABrokenStream) {
  std::optional<ByteStream> far;
  const auto listener = Listener::listen(loop_, IpEndpoint{ip("127.0.0.1"), 0}, {}, [&](auto got) {
                          far.emplace(std::move(got));
                          far->start({});
                        }).value();
  const auto stream = dial(listener.port());
  ASSERT_TRUE(stream->start_tls({.host = "localhost", .ca_file = {}}));
  ASSERT_TRUE(loop_.run_until([&] { return far.has_value(); }, kPatience));
  far.reset();
  ASSERT_TRUE(loop_.run_until([&] { return end_.has_value(); }, kPatience));
  EXPECT_EQ(end_->cause, StreamEndCause::kBroken);
}

TEST_F(SecureStreamTest, IsPlainAtFirst) {
  std::optional<ByteStream> far;
  const auto listener = Listener::listen(loop_, IpEndpoint{ip("127.0.0.1"), 0}, {}, [&](auto got) {
                          far.emplace(std::move(got));
                          const std::string text = "hello";
                          far->start({});
                          EXPECT_TRUE(far->write(std::as_bytes(std::span(text))));
                        }).value();
  const auto stream = dial(listener.port());
  ASSERT_TRUE(loop_.run_until([&] { return heard_ == "hello"; }, kPatience));
}

}  // namespace
}  // namespace fabrix::io
