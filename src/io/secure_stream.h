// SecureStream: a byte stream that is plain until start_tls(), and TLS (tls_client.h) from then on:
// its handlers and write() are about the plain text.
//
// That TLS fails is told as the end of a broken stream, with the reason; so is an end that the peer
// has not announced. The handle may be destroyed from its own callbacks, but not moved. Loop's
// thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "base/result.h"
#include "io/byte_stream.h"
#include "io/tls_client.h"

namespace fabrix::io {

class SecureStream {
 public:
  struct Handlers {
    std::function<void(std::span<const std::byte>)> on_data;  // good during the call only
    std::function<void(const StreamEnd&)> on_end;             // once
  };

  SecureStream(ByteStream stream, Handlers handlers);
  ~SecureStream() = default;
  SecureStream(const SecureStream&) = delete;
  SecureStream& operator=(const SecureStream&) = delete;
  SecureStream(SecureStream&&) = delete;
  SecureStream& operator=(SecureStream&&) = delete;

  // Once. Fails as TlsClient::create().
  Result<void> start_tls(const TlsOptions& options);

  // False: there is no room for it, or the stream is over.
  bool write(std::span<const std::byte> plain);

 private:
  void take(std::span<const std::byte> octets);
  void take_encrypted(std::span<const std::byte> octets);
  void end(const StreamEnd& how);
  bool flush();

  Handlers handlers_;
  std::optional<TlsClient> tls_;
  bool is_over_ = false;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);  // whether a handler destroyed us
  ByteStream stream_;
};

}  // namespace fabrix::io
