// Meters: a rate limit that flow entries name, as it is ordered and as it is reported.
//
//   OpenFlow 1.3.5 / 1.4.1   §5.8, §7.3.4.4 meter mod, §7.3.5.14 meter statistics, §7.3.5.15 meter
//   configuration
//
// Values; any thread. The decoders accept arbitrary octets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_reader.h"
#include "openflow/wire.h"

namespace fabrix::openflow {

inline constexpr std::uint32_t kAllMeters = 0xffffffff;
inline constexpr std::uint32_t kControllerMeter = 0xfffffffe;  // of all that goes to the controller

// Meter flags.
inline constexpr std::uint16_t kMeterKbps = 1;
inline constexpr std::uint16_t kMeterPackets = 2;  // OFPMF_PKTPS
inline constexpr std::uint16_t kMeterBurst = 4;
inline constexpr std::uint16_t kMeterStats = 8;

inline constexpr std::uint16_t kBandDrop = 1;

// Beyond `rate` (with kMeterKbps: kbit/s; burst: kbit; with kMeterPackets: packets/s and packets)
// the band applies.
struct MeterBand {
  std::uint16_t type = kBandDrop;
  std::uint32_t rate = 0;
  std::uint32_t burst = 0;
  std::vector<std::byte> rest = std::vector<std::byte>(4);  // padding, of kBandDrop

  friend bool operator==(const MeterBand&, const MeterBand&) = default;
};

struct MeterConfig {
  std::uint16_t flags = kMeterKbps | kMeterBurst | kMeterStats;
  std::uint32_t id = 0;
  std::vector<MeterBand> bands{};

  friend bool operator==(const MeterConfig&, const MeterConfig&) = default;
};

// What the bands of a meter have been applied to so far.
struct MeterStats {
  std::uint32_t id = 0;
  std::uint64_t packets = 0;
  std::uint64_t octets = 0;

  friend bool operator==(const MeterStats&, const MeterStats&) = default;
};

enum class MeterCommand : std::uint16_t { kAdd, kModify, kDelete };

struct MeterMod {
  MeterCommand command = MeterCommand::kAdd;
  MeterConfig meter{};  // deletions need only the id

  friend bool operator==(const MeterMod&, const MeterMod&) = default;
};

// Drops what exceeds the rate, and counts.
MeterConfig limit(std::uint32_t id, std::uint32_t kbps, std::uint32_t burst_kbits);
MeterConfig limit_packets(std::uint32_t id, std::uint32_t pps, std::uint32_t burst_packets);

void encode_meter_mod_body(const MeterMod& mod, WireWriter& out);
void encode_meter_config_entry(const MeterConfig& meter, WireWriter& out);
// As of a meter with one band.
void encode_meter_stats_entry(const MeterStats& meter, WireWriter& out);

// Reads all that the reader has; none if malformed.
std::optional<MeterMod> decode_meter_mod_body(ByteReader in);
// Reads one entry, leaving the reader after it.
std::optional<MeterConfig> decode_meter_config_entry(ByteReader& in);
std::optional<MeterStats> decode_meter_stats_entry(ByteReader& in);

}  // namespace fabrix::openflow
