// TlsClient: the client's side of TLS 1.2 and 1.3 (RFC 5246, RFC 8446), by OpenSSL: octets of the
// peer in, octets for it out, and between them plain text. No I/O, but that certificates are read
// from files when one is made.
//
// The server's certificate must be valid, and for the host (RFC 6125): there is no way around that.
// Bounded: the records of TLS, and what is given to send. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace fabrix::io {

struct TlsOptions {
  std::string host;     // that the certificate is for: a name, or an address
  std::string ca_file;  // PEM: trusted besides the system's authorities; empty: none
  // PEM: our certificate, those that lead to its authority, and its key, for a server that asks who
  // we are; empty: nobody.
  std::string identity_file{};

  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
};

class TlsClient {
 public:
  using Octets = std::vector<std::byte>;

  // Fails if a file cannot be read.
  static Result<TlsClient> create(const TlsOptions& options);
  TlsClient(TlsClient&&) noexcept;
  TlsClient& operator=(TlsClient&&) noexcept;
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient();

  // What came from the peer. An error is final, and says why, such as "the certificate: self-signed
  // certificate"; what is to be sent may say it to the peer.
  Result<void> receive(std::span<const std::byte> octets);

  // To be sent as soon as the peer is known.
  Result<void> send(std::span<const std::byte> plain);

  // What is there now for the peer, and from it.
  Octets take_output();
  Octets take_plain();

  bool is_established() const;
  bool is_closed() const;  // by the peer, as TLS has it: nothing was cut off

 private:
  class Impl;
  explicit TlsClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fabrix::io
