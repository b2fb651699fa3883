#include "analyzer/script_outlet.h"

#include <list>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/server.h"
#include "io/listener.h"
#include "tests/http/world.h"
#include "tests/io/tls_world.h"

namespace fabrix::analyzer {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::string parts(std::string_view text) {
  const auto url = parse_url(text);
  if (!url) return "wrong";
  return url->scheme + " " + url->host + " " + std::to_string(url->port) + " " + url->target;
}

TEST(ScriptOutlet, TakesUrlsApart) {
  EXPECT_EQ(parts("http://192.0.2.1"), "http 192.0.2.1 80 /");
  EXPECT_EQ(parts("HTTP://Name.Example:8181/a/b?c=d#e"), "http name.example 8181 /a/b?c=d");
  EXPECT_EQ(parts("http://[2001:db8::1]:81?q"), "http 2001:db8::1 81 /?q");
  for (const auto* text : {"", "x", "http://", "http://a:0", "http://a:70000", "http://a:b",
                           "http://user@host/", "http://a b/", "http://a/\r\nX: y", "http:///x"}) {
    EXPECT_EQ(parts(text), "wrong") << text;
  }
}

TEST(ScriptOutlet, ReadsTargets) {
  const auto target = parse_target("http://odl.example.net:8181=192.0.2.7").value();
  EXPECT_EQ(target.host, "odl.example.net");
  EXPECT_EQ(target.port, 8181);
  EXPECT_EQ(target.address, net::IpAddress::v4({192, 0, 2, 7}));
  EXPECT_FALSE(parse_target("http://odl.example.net").value().address);
  EXPECT_EQ(parse_target("https://odl.example.net").value().port, 443);
  for (const auto* text : {"udp://[::1]:514", "http://localhost:80", "https://192.0.2.1",
                           "tcp://graphite.example.net", "dns://example.net", "dns://."}) {
    EXPECT_TRUE(parse_target(text)) << text;
  }
  for (const auto* text : {"http://a=b", "x", "ftp://192.0.2.1", "udp://log.example.net",
                           "http://a,b", "https://a..b"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

class ScriptOutletTest : public ::testing::Test {
 protected:
  ScriptOutletTest() {
    server_ = http::Server::start(loop_, {}, [](const http::Request& request) {
                return http::text_response(200, std::string(to_string(request.method)) + " " +
                                                    std::string(*request.header("host")) + " " +
                                                    request.body);
              }).value();
    port_ = std::to_string(server_->port());
  }

  ScriptOutlet outlet(const std::string& allowed) {
    return {loop_, {parse_target(allowed).value()}};
  }

  std::string ask(ScriptOutlet& outlet, const json::object& what) {
    std::optional<std::string> heard;
    const auto sent = outlet.request(what, [&](Result<json::value> answer) {
      heard = answer ? json::serialize(*answer) : "failed: " + answer.error().message;
    });
    if (!sent) return "refused: " + sent.error().message;
    EXPECT_TRUE(loop_.run_until([&] { return heard.has_value(); }, http::testing::kPatience));
    return heard.value_or("");
  }

  io::EventLoop loop_;
  std::unique_ptr<http::Server> server_;
  std::string port_;
};

TEST_F(ScriptOutletTest, AsksWhoIsAllowed) {
  auto by_address = outlet("http://127.0.0.1:" + port_);
  EXPECT_THAT(ask(by_address, {{"url", "http://127.0.0.1:" + port_ + "/x"},
                               {"method", "POST"},
                               {"headers", {{"X-A", "b"}, {"Host", "evil"}}},
                               {"body", "hello"}}),
              HasSubstr("\"body\":\"POST 127.0.0.1:" + port_ + " hello\""));
  // Another way to write the same address; but not another name of it.
  EXPECT_THAT(ask(by_address, {{"url", "http://localhost:" + port_}, {"method", "GET"}}),
              HasSubstr("\"status\":200"));
  auto by_name = outlet("http://odl.example.net:" + port_ + "=127.0.0.1");
  EXPECT_THAT(ask(by_name, {{"url", "http://ODL.example.net:" + port_}, {"method", "GET"}}),
              HasSubstr("GET odl.example.net:" + port_));
  EXPECT_THAT(ask(by_name, {{"url", "http://127.0.0.1:" + port_}, {"method", "GET"}}),
              HasSubstr("is not allowed"));
}

TEST_F(ScriptOutletTest, AsksNobodyElse) {
  auto some = outlet("http://127.0.0.1:" + port_);
  for (const auto* url : {"http://127.0.0.1:1/", "http://169.254.169.254/", "http://[::1]/",
                          "http://[::ffff:127.0.0.1]:1/", "http://2130706433/", "http://name/"}) {
    EXPECT_THAT(ask(some, {{"url", url}, {"method", "GET"}}), HasSubstr("is not allowed")) << url;
  }
  EXPECT_THAT(ask(some, {{"url", "https://127.0.0.1:" + port_}, {"method", "GET"}}),
              HasSubstr("is not allowed"));
  EXPECT_THAT(ask(some, {{"url", "ftp://127.0.0.1:" + port_}, {"method", "GET"}}),
              HasSubstr("ftp is not http or https"));
  const std::string url = "http://127.0.0.1:" + port_;
  EXPECT_THAT(ask(some, {{"url", url}, {"method", "GET / HTTP/1.1\r\nX:"}}), HasSubstr("method"));
  EXPECT_THAT(ask(some, {{"url", url}, {"method", "GET"}, {"headers", {{"X", "a\r\nY: b"}}}}),
              HasSubstr("a header has characters"));
}

TEST_F(ScriptOutletTest, AsksSoMuchAndNoMore) {
  auto some = outlet("http://127.0.0.1:" + port_);
  int answered = 0;
  int refused = 0;
  const json::object what{{"url", "http://127.0.0.1:" + port_}, {"method", "GET"}};
  for (std::size_t i = 0; i < ScriptOutlet::kMaxAtOnce + 2; ++i) {
    const auto asked = some.request(what, [&](const Result<json::value>&) { ++answered; });
    refused += asked ? 0 : 1;
  }
  EXPECT_EQ(refused, 2);
  EXPECT_TRUE(loop_.run_until([&] { return answered == int{ScriptOutlet::kMaxAtOnce}; },
                              http::testing::kPatience));
  some.clear();
}

TEST_F(ScriptOutletTest, AsksOverTlsWhoHasACertificate) {
  io::testing::Authority authority("outlet");
  const io::testing::TlsServer server(loop_, authority.issue("DNS:localhost"), {"-WWW"});
  const std::string port = std::to_string(server.port());
  const json::object what{{"url", "https://localhost:" + port + "/ca.pem"}, {"method", "GET"}};
  ScriptOutlet strange(loop_, {parse_target("https://localhost:" + port).value()});
  EXPECT_THAT(ask(strange, what), HasSubstr("unable to get local issuer certificate"));
  ScriptOutlet known(loop_, {parse_target("https://localhost:" + port).value()}, authority.file());
  EXPECT_THAT(ask(known, what), HasSubstr("BEGIN CERTIFICATE"));
  ScriptOutlet other(loop_, {parse_target("https://other.example:" + port + "=127.0.0.1").value()},
                     authority.file());
  EXPECT_THAT(ask(other, {{"url", "https://other.example:" + port}, {"method", "GET"}}),
              HasSubstr("hostname mismatch"));
}

// -Verify: who shows no certificate of that authority is not served.
TEST_F(ScriptOutletTest, ShowsTheCertificateOfTheScript) {
  io::testing::Authority authority("outlet");
  const io::testing::TlsServer server(
      loop_, authority.issue("DNS:localhost"),
      {"-WWW", "-Verify", "1", "-verify_return_error", "-CAfile", authority.file()});
  const std::string ours = in_one_file(authority.issue("DNS:script.example"));
  const std::string name = ours.substr(ours.rfind('/') + 1);
  const auto allowed = parse_target("https://localhost:" + std::to_string(server.port())).value();
  ScriptOutlet outlet(loop_, {allowed}, authority.file(), authority.folder());
  const auto asked = [&](const std::string& certs) {
    const std::string url = "https://localhost:" + std::to_string(server.port()) + "/ca.pem";
    return ask(outlet, {{"url", url}, {"method", "GET"}, {"certs", certs}});
  };
  EXPECT_THAT(asked(name), HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_THAT(asked(""), Not(HasSubstr("BEGIN CERTIFICATE")));
  EXPECT_THAT(asked("ca.pem"), HasSubstr("certificate and key of"));
  for (const char* elsewhere : {"../script.pem", "/etc/ssl/private/x.pem", "."}) {
    EXPECT_THAT(asked(elsewhere), HasSubstr("is no file in the script's directory"));
  }
  ScriptOutlet nowhere(loop_, {allowed}, authority.file());
  EXPECT_THAT(ask(nowhere, {{"url", "https://localhost:" + std::to_string(server.port())},
                            {"method", "GET"},
                            {"certs", name}}),
              HasSubstr("is no file in the script's directory"));
}

TEST_F(ScriptOutletTest, HandsLinesOver) {
  std::string heard;
  std::list<io::ByteStream> accepted;
  const auto listener =
      io::Listener::listen(loop_, io::IpEndpoint{net::IpAddress::v4({127, 0, 0, 1}), 0}, {},
                           [&](io::ByteStream stream) {
                             accepted.push_back(std::move(stream));
                             accepted.back().start({.on_data =
                                                        [&](std::span<const std::byte> octets) {
                                                          for (const std::byte octet : octets) {
                                                            heard += static_cast<char>(octet);
                                                          }
                                                        },
                                                    .on_end = {},
                                                    .on_drained = {}});
                           })
          .value();
  auto some = outlet("tcp://localhost:" + std::to_string(listener.port()));
  std::string said;
  const auto tell = [&](const Result<json::value>& done) {
    said = done ? json::serialize(*done) : done.error().message;
  };
  ASSERT_TRUE(some.send_lines("LOCALHOST", listener.port(), "load 0.5 1\n", tell));
  EXPECT_TRUE(loop_.run_until([&] { return said == "true" && heard == "load 0.5 1\n"; },
                              http::testing::kPatience))
      << said << heard;
  EXPECT_FALSE(some.send_lines("192.0.2.1", listener.port(), "x", tell));
  EXPECT_FALSE(some.send_lines("localhost", 0, "x", tell));
}

TEST_F(ScriptOutletTest, LooksUpWhatIsAllowed) {
  auto some = outlet("dns://localhost");
  std::string said;
  const auto tell = [&](const Result<json::value>& done) {
    said = done ? json::serialize(*done) : done.error().message;
  };
  ASSERT_TRUE(some.look_up("localhost", tell));
  EXPECT_TRUE(loop_.run_until([&] { return !said.empty(); }, http::testing::kPatience));
  EXPECT_THAT(said, HasSubstr("\"127.0.0.1\""));
  for (const auto* name : {"example.net", "xlocalhost", ""}) {
    EXPECT_FALSE(some.look_up(name, tell)) << name;
  }
  auto any = outlet("dns://.");
  EXPECT_TRUE(any.look_up("a.localhost", tell));
}

TEST_F(ScriptOutletTest, SendsSyslog) {
  auto receiver =
      io::DatagramSocket::bind({.address = net::IpAddress::v4({127, 0, 0, 1}), .port = 0}).value();
  const auto port = receiver.local().port;
  auto some = outlet("udp://127.0.0.1:" + std::to_string(port));
  const std::chrono::system_clock::time_point time{std::chrono::seconds(1474150756)};
  ASSERT_TRUE(some.syslog("127.0.0.1", port, {16, 5, "app=\"x\"", time}));
  std::string heard;
  ASSERT_TRUE(loop_.run_until(
      [&] {
        for (const auto& datagram : receiver.receive()) {
          for (const std::byte octet : datagram.octets) heard.push_back(static_cast<char>(octet));
        }
        loop_.post([] {});
        return !heard.empty();
      },
      http::testing::kPatience));
  // RFC 5424 §6: local0.notice is 16 * 8 + 5.
  EXPECT_EQ(heard, "<133>1 2016-09-17T22:19:16Z - fabrix - - - app=\"x\"");
  EXPECT_FALSE(some.syslog("127.0.0.1", port, {24, 5, "", time}));
  EXPECT_FALSE(some.syslog("127.0.0.1", port + 1, {16, 5, "", time}));
  EXPECT_FALSE(some.syslog("127.0.0.1", -1, {16, 5, "", time}));
}

}  // namespace
}  // namespace fabrix::analyzer
