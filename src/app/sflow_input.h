// Where the commands on sFlow take datagrams from: a capture file, or a UDP port until ^C.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "app/arguments.h"
#include "app/exit_code.h"
#include "base/result.h"
#include "io/endpoint.h"
#include "net/ip_address.h"
#include "sflow/xdr.h"

namespace fabrix::app {

struct SflowDatagram {
  std::chrono::nanoseconds time{};  // since 1970
  net::IpAddress source = net::IpAddress::unspecified(net::Family::kIpv4);
  sflow::Bytes octets;
};

enum class Reading : std::uint8_t { kContinue, kStop };
using UseDatagram = std::function<Reading(const SflowDatagram&)>;

// Why there are no datagrams, and what the command ends with.
struct InputFailure {
  ExitCode code = ExitCode::kFailed;
  std::string message;
};

// Calls `use` with each datagram to `port` (any, if none) of a pcap or pcapng file; "-" is stdin.
// What was left out, and where the file is cut off, is said on stderr. Fails if the file cannot be
// read (kNotFound) or is no capture (kBadInput).
Result<void, InputFailure> read_capture(const std::string& file, std::optional<std::uint16_t> port,
                                        const UseDatagram& use);

// Calls `use` with each datagram that comes to `local`, and `flush` when there are no more for now.
// Ends with SIGINT or SIGTERM, or when `use` says so; what the kernel has dropped is then said on
// stderr.
Result<void> listen_for_datagrams(const io::IpEndpoint& local, const UseDatagram& use,
                                  const std::function<void()>& flush);

// --port: a number, or "any". Without it, that of sFlow.
Result<std::optional<std::uint16_t>> captured_port(const Arguments& arguments);

}  // namespace fabrix::app
