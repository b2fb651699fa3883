// describe(): all that a datagram says, as names and texts: those of sflowtool and in its order, of
// the datagram, each sample, each record ("element") of it, and the headers of sampled packets.
//
// What is not known is named by its tag and length and passed; what is wrong is told through
// fault(), in words, and the description goes on with what can still be read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/ip_address.h"
#include "sflow/datagram.h"

namespace fabrix::sflow {

// How a datagram came.
struct Arrival {
  std::optional<net::IpAddress> source;
  std::int64_t unix_seconds = 0;
};

// Told what a datagram says. Samples come within the datagram, elements within samples.
class DescriptionSink {
 public:
  enum class Part : std::uint8_t { kDatagram, kSample, kElement };

  DescriptionSink() = default;
  virtual ~DescriptionSink() = default;
  DescriptionSink(const DescriptionSink&) = delete;
  DescriptionSink& operator=(const DescriptionSink&) = delete;
  DescriptionSink(DescriptionSink&&) = delete;
  DescriptionSink& operator=(DescriptionSink&&) = delete;

  virtual void begin(Part part) = 0;
  virtual void end(Part part) = 0;
  virtual void value(std::string_view name, std::string_view text) = 0;
  virtual void fault(std::string_view what) = 0;
};

void describe(Bytes datagram, const Arrival& arrival, DescriptionSink& sink);

}  // namespace fabrix::sflow
