#include "io/tcp_options.h"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "io/file_descriptor.h"
#include "io/socket_address.h"

namespace fabrix::io {
namespace {

constexpr int kMinHopCount = 73;  // linux/in6.h IPV6_MINHOPCOUNT, which netinet/in.h lacks

struct Option {
  int level;
  int name;
  std::string_view text;
};

Result<void> set_option(int fd, const Option& option, int value) {
  if (setsockopt(fd, option.level, option.name, &value, sizeof(value)) == 0) return {};
  return fail(errno_error(option.text));
}

Result<void> apply_ttls(const TcpOptions& options, net::Family family, int fd) {
  const bool is_v4 = family == net::Family::kIpv4;
  if (options.ttl) {
    const Option ttl = is_v4 ? Option{IPPROTO_IP, IP_TTL, "IP_TTL"}
                             : Option{IPPROTO_IPV6, IPV6_UNICAST_HOPS, "IPV6_UNICAST_HOPS"};
    auto done = set_option(fd, ttl, *options.ttl);
    if (!done) return done;
  }
  if (!options.min_ttl) return {};
  const Option min_ttl = is_v4 ? Option{IPPROTO_IP, IP_MINTTL, "IP_MINTTL"}
                               : Option{IPPROTO_IPV6, kMinHopCount, "IPV6_MINHOPCOUNT"};
  return set_option(fd, min_ttl, *options.min_ttl);
}

}  // namespace

TcpOptions gtsm(std::uint8_t hops) {
  constexpr int kMaxTtl = 255;
  const int least = std::min(kMaxTtl, kMaxTtl + 1 - hops);
  TcpOptions options;
  options.ttl = static_cast<std::uint8_t>(kMaxTtl);
  options.min_ttl = static_cast<std::uint8_t>(least);
  return options;
}

Result<void> set_md5_key(const Md5Key& key, int fd) {
  tcp_md5sig signature{};
  if (key.key.size() > sizeof(signature.tcpm_key)) return fail(Error{"MD5 key over 80 octets"});
  signature.tcpm_addr = to_sockaddr({.address = key.peer.address(), .port = 0});
  signature.tcpm_keylen = static_cast<std::uint16_t>(key.key.size());
  std::ranges::copy(key.key, &signature.tcpm_key[0]);
  int name = TCP_MD5SIG;
  if (key.peer.length() != net::width_of(key.peer.family())) {
    name = TCP_MD5SIG_EXT;
    signature.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
    signature.tcpm_prefixlen = static_cast<std::uint8_t>(key.peer.length());
  }
  if (setsockopt(fd, IPPROTO_TCP, name, &signature, sizeof(signature)) == 0) return {};
  if (key.key.empty() && errno == ENOENT) return {};  // There was none to remove.
  return fail(errno_error("MD5 key of " + key.peer.to_string()));
}

Result<void> apply(const TcpOptions& options, net::Family family, int fd) {
  for (const Md5Key& key : options.md5_keys) {
    if (key.peer.family() != family) {
      return fail(Error{"MD5 key of " + key.peer.to_string() + ": socket of the other family"});
    }
    auto done = set_md5_key(key, fd);
    if (!done) return done;
  }
  auto done = apply_ttls(options, family, fd);
  if (!done || !options.user_timeout) return done;
  const Option user_timeout{IPPROTO_TCP, TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT"};
  return set_option(fd, user_timeout, static_cast<int>(options.user_timeout->count()));
}

}  // namespace fabrix::io
