#include "openflow/meter.h"

#include <utility>

namespace fabrix::openflow {
namespace {

constexpr std::size_t kBandFixedSize = 12;

void encode_bands(const std::vector<MeterBand>& bands, WireWriter& out) {
  for (const MeterBand& band : bands) {
    out.u16(band.type);
    out.u16(static_cast<std::uint16_t>(kBandFixedSize + band.rest.size()));
    out.u32(band.rate);
    out.u32(band.burst);
    out.bytes(band.rest);
  }
}

std::optional<std::vector<MeterBand>> decode_bands(ByteReader in) {
  std::vector<MeterBand> bands;
  while (!in.at_end()) {
    MeterBand band;
    band.type = in.u16();
    const std::size_t length = in.u16();
    band.rate = in.u32();
    band.burst = in.u32();
    if (!in.ok() || length < kBandFixedSize) return std::nullopt;
    ByteReader rest = in.sub_reader(length - kBandFixedSize);
    if (!in.ok()) return std::nullopt;
    band.rest = read_rest(rest);
    bands.push_back(std::move(band));
  }
  return bands;
}

}  // namespace

MeterConfig limit(std::uint32_t id, std::uint32_t kbps, std::uint32_t burst_kbits) {
  MeterConfig meter;
  meter.id = id;
  MeterBand band;
  band.rate = kbps;
  band.burst = burst_kbits;
  meter.bands.push_back(std::move(band));
  return meter;
}

MeterConfig limit_packets(std::uint32_t id, std::uint32_t pps, std::uint32_t burst_packets) {
  MeterConfig meter = limit(id, pps, burst_packets);
  meter.flags = kMeterPackets | kMeterBurst | kMeterStats;
  return meter;
}

void encode_meter_mod_body(const MeterMod& mod, WireWriter& out) {
  out.u16(static_cast<std::uint16_t>(mod.command));
  out.u16(mod.meter.flags);
  out.u32(mod.meter.id);
  encode_bands(mod.meter.bands, out);
}

void encode_meter_config_entry(const MeterConfig& meter, WireWriter& out) {
  const std::size_t start = out.size();
  out.u16(0);
  out.u16(meter.flags);
  out.u32(meter.id);
  encode_bands(meter.bands, out);
  out.patch_u16(start, out.size() - start);
}

std::optional<MeterMod> decode_meter_mod_body(ByteReader in) {
  MeterMod mod;
  const std::uint16_t command = in.u16();
  mod.meter.flags = in.u16();
  mod.meter.id = in.u32();
  if (!in.ok() || command > static_cast<std::uint16_t>(MeterCommand::kDelete)) return std::nullopt;
  mod.command = MeterCommand{command};
  auto bands = decode_bands(in);
  if (!bands) return std::nullopt;
  mod.meter.bands = std::move(*bands);
  return mod;
}

std::optional<MeterConfig> decode_meter_config_entry(ByteReader& in) {
  constexpr std::size_t kFixedSize = 8;
  MeterConfig meter;
  const std::size_t length = in.u16();
  meter.flags = in.u16();
  meter.id = in.u32();
  if (!in.ok() || length < kFixedSize) return std::nullopt;
  const ByteReader rest = in.sub_reader(length - kFixedSize);
  if (!in.ok()) return std::nullopt;
  auto bands = decode_bands(rest);
  if (!bands) return std::nullopt;
  meter.bands = std::move(*bands);
  return meter;
}

void encode_meter_stats_entry(const MeterStats& meter, WireWriter& out) {
  const std::size_t start = out.size();
  constexpr std::size_t kNotKept = 28;  // flows, packets and octets in, and how long it has been
  out.u32(meter.id);
  out.u16(0);
  out.zeros(6 + kNotKept);
  out.u64(meter.packets);
  out.u64(meter.octets);
  out.patch_u16(start + 4, out.size() - start);
}

std::optional<MeterStats> decode_meter_stats_entry(ByteReader& in) {
  constexpr std::size_t kFixedSize = 40;
  constexpr std::size_t kBandSize = 16;
  MeterStats meter{.id = in.u32()};
  const std::size_t length = in.u16();
  if (!in.ok() || length < kFixedSize || (length - kFixedSize) % kBandSize != 0) {
    return std::nullopt;
  }
  in.bytes(kFixedSize - 6);
  ByteReader bands = in.sub_reader(length - kFixedSize);
  if (!in.ok()) return std::nullopt;
  while (!bands.at_end()) {
    meter.packets += read_u64(bands);
    meter.octets += read_u64(bands);
  }
  return meter;
}

}  // namespace fabrix::openflow
