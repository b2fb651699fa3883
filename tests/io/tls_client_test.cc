// Without a server: what it does with octets that are none of TLS. What is said to real ones:
// secure_stream_test.cc.
#include "io/tls_client.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace fabrix::io {
namespace {

TlsClient client() {
  return TlsClient::create({.host = "db.example.net", .ca_file = {}}).value();
}

std::span<const std::byte> octets_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

bool has(const TlsClient::Octets& octets, const std::string& text) {
  const auto wanted = octets_of(text);
  return std::search(octets.begin(), octets.end(), wanted.begin(), wanted.end()) != octets.end();
}

// RFC 8446 §5.1: a record of handshake (22), which holds a ClientHello (1).
TEST(TlsClient, BeginsWithAHelloThatNamesTheHost) {
  TlsClient tls = client();
  const auto hello = tls.take_output();
  ASSERT_GT(hello.size(), 43U);
  EXPECT_EQ(hello[0], std::byte{22});
  EXPECT_EQ(hello[5], std::byte{1});
  EXPECT_TRUE(has(hello, "db.example.net"));
  EXPECT_TRUE(tls.take_output().empty());
  EXPECT_FALSE(tls.is_established());
  EXPECT_FALSE(tls.is_closed());
}

TEST(TlsClient, NamesNoAddress) {
  TlsClient tls = TlsClient::create({.host = "192.0.2.77", .ca_file = {}}).value();
  EXPECT_FALSE(has(tls.take_output(), "192.0.2.77"));
}

TEST(TlsClient, KeepsWhatIsSentUntilThePeerIsKnown) {
  TlsClient tls = client();
  tls.take_output();
  EXPECT_TRUE(tls.send(octets_of("secret")));
  EXPECT_TRUE(tls.take_output().empty());
}

TEST(TlsClient, SaysThatItIsNoTls) {
  TlsClient tls = client();
  const auto done = tls.receive(octets_of("HTTP/1.1 400 Bad Request\r\n\r\n"));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "TLS: wrong version number");
  EXPECT_TRUE(tls.take_plain().empty());
}

TEST(TlsClient, FailsWithoutTheFile) {
  const auto made = TlsClient::create({.host = "x", .ca_file = "/no/such/file"});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "certificates of /no/such/file: No such file or directory");
}

}  // namespace
}  // namespace fabrix::io
