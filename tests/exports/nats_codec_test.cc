#include "exports/nats_codec.h"

#include <gtest/gtest.h>

namespace fabrix::exports {
namespace {

using Kind = NatsMessage::Kind;

void append(NatsReader& reader, std::string_view text) {
  reader.append(std::as_bytes(std::span(text)));
}

// What is read of it; what follows an error is "error".
std::vector<NatsMessage> read(std::string_view text) {
  NatsReader reader;
  append(reader, text);
  std::vector<NatsMessage> messages;
  for (;;) {
    const auto message = reader.next();
    if (!message) {
      messages.push_back({.kind = Kind::kError, .text = "error"});
      return messages;
    }
    if (!*message) return messages;
    messages.push_back(**message);
  }
}

// As nats-server 2.9.10 says it.
constexpr std::string_view kSaid =
    "INFO {\"server_id\":\"N\",\"headers\":true} \r\nPONG\r\n"
    "HMSG _INBOX.x.1 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"
    "MSG _INBOX.x.2 1  28\r\n{\"stream\":\"FABRIX\", \"seq\":1}\r\n"
    "+OK\r\nPING\r\n-ERR 'Authorization Violation'\r\n"
    "HMSG _INBOX.x.3 1 back 12 14\r\nNATS/1.0\r\n\r\nab\r\n";

TEST(NatsCodec, ReadsWhatAServerSays) {
  const std::vector<NatsMessage> expected{
      {.kind = Kind::kInfo, .text = R"({"server_id":"N","headers":true} )"},
      {.kind = Kind::kPong},
      {.kind = Kind::kMessage, .subject = "_INBOX.x.1", .status = 503},
      {.kind = Kind::kMessage, .subject = "_INBOX.x.2", .text = R"({"stream":"FABRIX", "seq":1})"},
      {.kind = Kind::kOk},
      {.kind = Kind::kPing},
      {.kind = Kind::kError, .text = "'Authorization Violation'"},
      {.kind = Kind::kMessage, .subject = "_INBOX.x.3", .text = "ab"}};
  EXPECT_EQ(read(kSaid), expected);
}

TEST(NatsCodec, APayloadMayComeLater) {
  NatsReader reader;
  append(reader, "MSG a 1 4\r\nab");
  EXPECT_FALSE(reader.next().value());
  append(reader, "cd\r\n");
  EXPECT_EQ(reader.next().value()->text, "abcd");
}

TEST(NatsCodec, EveryTruncationNeedsMore) {
  const auto whole = read(kSaid);
  for (std::size_t length = 0; length < kSaid.size(); ++length) {
    auto part = read(kSaid.substr(0, length));
    EXPECT_LT(part.size(), whole.size());
    EXPECT_TRUE(std::equal(part.begin(), part.end(), whole.begin())) << length;
  }
}

TEST(NatsCodec, RefusesWhatIsNoNats) {
  for (const auto* text :
       {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "MSG\r\n", "MSG a 1\r\n", "MSG a 1 b c 3\r\n",
        "MSG a 1 x\r\n", "MSG a 1 -1\r\n", "MSG a 1 1048577\r\n", "HMSG a 1 5\r\n",
        "HMSG a 1 5 3\r\n", "HMSG a 1 b c 5 9\r\n", "MSG a 1 3x\r\n", "HMSG a 1 x 3\r\n"}) {
    const auto messages = read(text);
    ASSERT_EQ(messages.size(), 1U) << text;
    EXPECT_EQ(messages[0].text, "error") << text;
  }
  EXPECT_EQ(read(std::string(NatsReader::kLongestLine + 1, 'x')).size(), 1U);
}

// A server that says nothing of it, or nonsense, has no status.
TEST(NatsCodec, ReadsStatusesAsFarAsTheyAreThere) {
  const auto status = [](const std::string& line) {
    const std::string headers = line + "\r\n\r\n";
    const auto size = std::to_string(headers.size());
    return read("HMSG a 1 " + size + " " + size + "\r\n" + headers + "\r\n").at(0).status;
  };
  EXPECT_EQ(status("NATS/1.0 503 No Responders"), 503U);
  EXPECT_EQ(status("NATS/1.0\t100"), 100U);
  for (const auto* line : {"NATS/1.0", "NATS/1.0 x", "NATS/1.0 1000", "HTTP/1.1 200"}) {
    EXPECT_EQ(status(line), 0U) << line;
  }
}

TEST(NatsCodec, WritesWhatAClientSays) {
  EXPECT_EQ(nats_subscribe("_INBOX.x.*"), "SUB _INBOX.x.* 1\r\n");
  EXPECT_EQ(nats_publish("a.b", "r", "", "abc"), "PUB a.b r 3\r\nabc\r\n");
  EXPECT_EQ(nats_publish("a.b", "r", "i-1", "abc"),
            "HPUB a.b r 30 33\r\nNATS/1.0\r\nNats-Msg-Id: i-1\r\n\r\nabc\r\n");
  const auto plain = nats_connect({});
  EXPECT_TRUE(plain.starts_with("CONNECT {\"verbose\":false"));
  EXPECT_EQ(plain.find("user"), std::string::npos);
  EXPECT_NE(nats_connect({.user = "u", .password = "p\"w"}).find(R"("pass":"p\"w")"),
            std::string::npos);
  EXPECT_NE(nats_connect({.token = "t"}).find(R"("auth_token":"t")"), std::string::npos);
}

}  // namespace
}  // namespace fabrix::exports
