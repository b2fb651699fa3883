// DatagramSocket: a UDP socket that receives many datagrams a call, and knows what the kernel had
// to drop.
//
//   udp(7), recvmmsg(2), socket(7): SO_RCVBUFFORCE, SO_RCVBUF; SO_MEMINFO: SK_MEMINFO_DROPS, which
//   costs a datagram nothing, as SO_RXQ_OVFL would
//
// Never blocks. What receive() returns is valid until it is called again. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "io/endpoint.h"
#include "io/file_descriptor.h"

namespace fabrix::io {

struct ReceivedDatagram {
  IpEndpoint source;  // IPv4 also where a socket of :: receives it
  std::span<const std::byte> octets;
};

class DatagramSocket {
 public:
  // Bursts outlast a busy moment in so much; the kernel may grant less (net.core.rmem_max).
  static constexpr std::size_t kReceiveBuffer = std::size_t{8} << 20U;
  static constexpr std::size_t kBatch = 64;

  // Receives what comes to `local`. Port 0: any that is free. :: takes IPv4 too.
  static Result<DatagramSocket> bind(const IpEndpoint& local);

  // Sends only.
  static Result<DatagramSocket> open(net::Family family);

  // From now on by this interface alone, or, if it is a VRF, by what is in it (SO_BINDTODEVICE).
  Result<void> bind_to_device(const std::string& name);

  DatagramSocket(DatagramSocket&& other) noexcept;
  DatagramSocket& operator=(DatagramSocket&& other) noexcept;
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;
  ~DatagramSocket();

  int fd() const { return socket_.get(); }
  IpEndpoint local() const;

  // What has come, up to kBatch datagrams. Empty: nothing.
  std::span<const ReceivedDatagram> receive();

  // Datagrams that the kernel has dropped because nobody received, since the socket was made. To be
  // asked now and then: before as many more as 32 bits can count.
  std::uint64_t dropped() const;

  // As much as the kernel takes is sent: a datagram may be lost here as anywhere, but an error that
  // will not pass (no route, too long) is told.
  Result<void> send(const IpEndpoint& to, std::span<const std::byte> datagram);

 private:
  struct Buffers;

  explicit DatagramSocket(FileDescriptor socket);

  FileDescriptor socket_;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace fabrix::io
