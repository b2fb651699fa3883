// What a sample costs: datagrams like those of switches at an exchange (seven samples of 128 octets
// of header, 1.4 kB), read as far as different users need.
#include <array>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "sflow/datagram_writer.h"
#include "sflow/description_text.h"
#include "sflow/sample_line.h"
#include "sflow/sampled_packet.h"

namespace fabrix::sflow {
namespace {

constexpr std::uint32_t kSamples = 7;
constexpr std::size_t kDatagrams = 1000;  // 1.4 MB: not all in the nearest cache

// A TCP packet's first 128 octets, of the family.
std::vector<std::byte> sampled_octets(std::mt19937& random, net::Family family) {
  std::vector<std::byte> octets(128);
  for (auto& octet : octets) octet = static_cast<std::byte>(random() & 0xffU);
  const bool ipv4 = family == net::Family::kIpv4;
  octets[12] = std::byte{static_cast<unsigned char>(ipv4 ? 0x08 : 0x86)};
  octets[13] = std::byte{static_cast<unsigned char>(ipv4 ? 0x00 : 0xdd)};
  octets[14] = std::byte{static_cast<unsigned char>(ipv4 ? 0x45 : 0x60)};
  octets[16] = std::byte{5};
  octets[20] = std::byte{static_cast<unsigned char>(ipv4 ? 0 : 6)};
  octets[21] = std::byte{0};
  if (ipv4) octets[23] = std::byte{6};
  return octets;
}

std::vector<std::vector<std::byte>> datagrams() {
  std::mt19937 random(20261121);  // NOLINT(cert-msc51-cpp): the same every time
  const std::array<std::byte, 16> vlans{};
  std::vector<std::vector<std::byte>> made;
  for (std::uint32_t sequence = 0; sequence < kDatagrams; ++sequence) {
    DatagramWriter out({.agent = net::IpAddress::v4({192, 0, 2, 1}), .sequence = sequence});
    for (std::uint32_t sample = 0; sample < kSamples; ++sample) {
      const auto family = random() % 5 == 0 ? net::Family::kIpv6 : net::Family::kIpv4;
      const auto octets = sampled_octets(random, family);
      out.begin(FlowSample{.sequence = sample,
                           .source = {0, 7},
                           .sampling_rate = 1000,
                           .input = {0, 7},
                           .output = {0, 9}},
                SampleForm::kCompact);
      out.record(
          SampledHeader{.protocol = 1, .frame_length = 1518, .stripped = 4, .header = octets});
      if (sample % 5 < 3) out.record(kExtendedSwitch, vlans);
    }
    made.push_back(out.take());
  }
  return made;
}

// Calls `use` with each sample of all datagrams; counts samples.
template <typename Use>
void run(benchmark::State& state, const Use& use) {
  const auto all = datagrams();
  std::int64_t samples = 0;
  for (auto _ : state) {
    for (const auto& octets : all) {
      const auto datagram = Datagram::open(octets);
      ItemCursor cursor = datagram->samples();
      while (const auto item = cursor.next()) {
        use(*datagram, read_flow_sample(*item).value());
        ++samples;
      }
    }
  }
  state.SetItemsProcessed(samples);
}

// The sample itself, its records passed by.
void BM_Samples(benchmark::State& state) {
  run(state, [](const Datagram&, const FlowSample& flow) {
    ItemCursor records = flow.records();
    while (const auto record = records.next()) benchmark::DoNotOptimize(record->tag);
  });
}
BENCHMARK(BM_Samples);

// Down to the ports: what a flow of five keys needs.
void BM_Layers(benchmark::State& state) {
  run(state, [](const Datagram&, const FlowSample& flow) {
    const SampledPacket packet(flow.records());
    const Bytes tcp = packet.layers().octets(LayerKind::kTcp);
    benchmark::DoNotOptimize(tcp.empty() ? 0 : load_u32(tcp.data()));
    const Bytes ip = packet.layers().octets(LayerKind::kIpv4);
    benchmark::DoNotOptimize(ip.empty() ? 0 : load_u64(ip.data() + 12));
    benchmark::DoNotOptimize(packet.frame_length());
  });
}
BENCHMARK(BM_Layers);

// As `fabrix sflow decode --csv` prints it.
void BM_Lines(benchmark::State& state) {
  std::string text;
  run(state, [&](const Datagram& datagram, const FlowSample& flow) {
    text.clear();
    append_flow_line(datagram.header().agent, flow, text);
    benchmark::DoNotOptimize(text.data());
  });
}
BENCHMARK(BM_Lines);

// As `fabrix sflow decode --json` prints it; a sample's part of its datagram.
void BM_Json(benchmark::State& state) {
  const auto all = datagrams();
  std::string text;
  std::int64_t samples = 0;
  for (auto _ : state) {
    for (const auto& octets : all) {
      text.clear();
      JsonDescription json(text);
      describe(octets, {}, json);
      benchmark::DoNotOptimize(text.data());
      samples += kSamples;
    }
  }
  state.SetItemsProcessed(samples);
}
BENCHMARK(BM_Json);

}  // namespace
}  // namespace fabrix::sflow
