// TcpOptions: what protects and times a TCP connection; set on listeners and on connectors alike.
//
// MD5 signatures: RFC 2385, Linux TCP_MD5SIG and, for prefixes, TCP_MD5SIG_EXT. GTSM: RFC 5082,
// send with TTL 255 and refuse what arrives with less than `min_ttl`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/prefix.h"

namespace fabrix::io {

// The key that connections with any address of `peer` are signed with; the longest prefix counts.
// At most 80 octets; an empty key removes the one set before.
struct Md5Key {
  net::Prefix peer;
  std::string key;
};

struct TcpOptions {
  std::vector<Md5Key> md5_keys;
  std::optional<std::uint8_t> ttl;      // of what we send; eBGP without multihop: 1, GTSM: 255
  std::optional<std::uint8_t> min_ttl;  // of what we accept; GTSM to a direct neighbour: 255
  std::optional<std::chrono::milliseconds>
      user_timeout;  // RFC 5482: unacknowledged data for longer
};

// GTSM for a neighbour at most `hops` routers away; 1 is the direct one.
TcpOptions gtsm(std::uint8_t hops);

// Applies `options` to a socket of `family`; says which option the kernel refused. Keys for
// addresses of the other family are refused.
Result<void> apply(const TcpOptions& options, net::Family family, int fd);

Result<void> set_md5_key(const Md5Key& key, int fd);

}  // namespace fabrix::io
