// The client's side of the NATS protocol
// (docs.nats.io/reference/reference-protocols/nats-protocol): lines of text, some of which are
// followed by a payload.
//
//   INFO {"server_id":...}          CONNECT {"verbose":false,...}
//   PING, PONG, +OK, -ERR 'why'     SUB _INBOX.x.* 1
//   MSG subject sid [reply] 5       HPUB subject reply 30 35
//   HMSG subject sid [reply] 30 35  PUB subject reply 5
//
// Pure; bounded: a line of kLongestLine octets, a payload of kLongestPayload. Fuzzed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace fabrix::exports {

struct NatsMessage {
  enum class Kind : std::uint8_t { kInfo, kOk, kError, kPing, kPong, kMessage };

  Kind kind = Kind::kOk;
  std::string subject;  // of kMessage
  std::string text;     // the payload without headers; of kInfo JSON, of kError why
  unsigned status = 0;  // that headers begin with, such as 503: nobody listens to the subject

  friend bool operator==(const NatsMessage&, const NatsMessage&) = default;
};

class NatsReader {
 public:
  static constexpr std::size_t kLongestLine = std::size_t{64} << 10U;
  static constexpr std::size_t kLongestPayload = std::size_t{1} << 20U;

  void append(std::span<const std::byte> octets);

  // The next message; none: more octets are needed. After an error nothing more can be read.
  Result<std::optional<NatsMessage>> next();

 private:
  Result<std::optional<NatsMessage>> read_line(std::string_view line);
  Result<void> read_sizes(std::string_view arguments);
  std::optional<NatsMessage> take_payload();

  // A message whose payload is to come.
  struct Pending {
    NatsMessage message;
    std::size_t headers = 0;  // octets of the payload
    std::size_t total = 0;
    bool has_headers = false;
  };

  std::string input_;
  std::size_t used_ = 0;
  std::optional<Pending> pending_;
};

struct NatsLogin {
  std::string user;
  std::string password;
  std::string token;
};

std::string nats_connect(const NatsLogin& login);
std::string nats_subscribe(std::string_view subject);

// With the answer to `reply`. JetStream stores what has an `id` that it knows only once; an empty
// one says nothing.
std::string nats_publish(std::string_view subject, std::string_view reply, std::string_view id,
                         std::string_view payload);

}  // namespace fabrix::exports
