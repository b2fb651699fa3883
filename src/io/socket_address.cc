#include "io/socket_address.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <string>

#include <netinet/in.h>
#include <sys/un.h>

namespace fabrix::io {
namespace {

constexpr std::size_t kPathOffset = offsetof(sockaddr_un, sun_path);

std::uint16_t swap_if_little(std::uint16_t value) {
  if constexpr (std::endian::native == std::endian::big) return value;
  return static_cast<std::uint16_t>((value << 8U) | (value >> 8U));
}

template <typename T>
T read_as(const sockaddr_storage& storage) {
  T value{};
  std::memcpy(&value, &storage, sizeof(T));
  return value;
}

template <typename T>
sockaddr_storage write_as(const T& value) {
  sockaddr_storage storage{};
  std::memcpy(&storage, &value, sizeof(T));
  return storage;
}

UnixEndpoint unix_endpoint(const sockaddr_storage& storage, socklen_t size) {
  const auto address = read_as<sockaddr_un>(storage);
  if (address.sun_family != AF_UNIX || size <= kPathOffset) return {};
  const std::size_t limit = std::min<std::size_t>(size - kPathOffset, sizeof(address.sun_path));
  const char* begin = &address.sun_path[0];
  return {std::string(begin, strnlen(begin, limit))};
}

}  // namespace

sockaddr_storage to_sockaddr(const IpEndpoint& endpoint) {
  const auto octets = endpoint.address.octets();
  if (endpoint.address.family() == net::Family::kIpv4) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = swap_if_little(endpoint.port);
    std::memcpy(&address.sin_addr, octets.data(), octets.size());
    return write_as(address);
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = swap_if_little(endpoint.port);
  std::memcpy(&address.sin6_addr, octets.data(), octets.size());
  return write_as(address);
}

Result<SocketAddress> SocketAddress::from(const Endpoint& endpoint) {
  SocketAddress result;
  if (const auto* ip = std::get_if<IpEndpoint>(&endpoint)) {
    result.storage_ = to_sockaddr(*ip);
    result.size_ =
        ip->address.family() == net::Family::kIpv4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
    return result;
  }
  const std::string& path = std::get<UnixEndpoint>(endpoint).path;
  sockaddr_un address{};
  if (path.empty()) return fail(Error{"unix path is empty"});
  if (path.size() >= sizeof(address.sun_path)) return fail(Error{"unix path too long: " + path});
  address.sun_family = AF_UNIX;
  std::memcpy(&address.sun_path[0], path.data(), path.size());
  result.storage_ = write_as(address);
  result.size_ = static_cast<socklen_t>(kPathOffset + path.size() + 1);
  return result;
}

SocketAddress SocketAddress::of(int fd, int (*call)(int, sockaddr*, socklen_t*) noexcept) {
  SocketAddress result;
  if (call(fd, result.mutable_data(), result.mutable_size()) != 0) return {};
  return result;
}

Endpoint SocketAddress::endpoint() const {
  if (storage_.ss_family == AF_INET) {
    const auto address = read_as<sockaddr_in>(storage_);
    const auto octets = std::bit_cast<std::array<std::uint8_t, 4>>(address.sin_addr);
    return IpEndpoint{net::IpAddress::v4(octets), swap_if_little(address.sin_port)};
  }
  if (storage_.ss_family == AF_INET6) {
    const auto address = read_as<sockaddr_in6>(storage_);
    const auto octets = std::bit_cast<std::array<std::uint8_t, 16>>(address.sin6_addr);
    return IpEndpoint{net::IpAddress::v6(octets), swap_if_little(address.sin6_port)};
  }
  return unix_endpoint(storage_, size_);
}

const sockaddr* SocketAddress::data() const {
  return reinterpret_cast<const sockaddr*>(&storage_);
}

sockaddr* SocketAddress::mutable_data() {
  return reinterpret_cast<sockaddr*>(&storage_);
}

Result<FileDescriptor> open_stream_socket(const Endpoint& endpoint) {
  int family = AF_UNIX;
  if (const auto* ip = std::get_if<IpEndpoint>(&endpoint)) {
    family = ip->address.family() == net::Family::kIpv4 ? AF_INET : AF_INET6;
  }
  FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return fail(errno_error("socket"));
  return socket;
}

}  // namespace fabrix::io
