#include "controller/linux_samples.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace fabrix::controller {
namespace {

using fabric::Sample;

constexpr std::size_t kMacs = 12;  // octets of a frame before its tag
constexpr std::size_t kTag = 4;

static_assert(fabric::kSampledOctets == std::size_t{FABRIX_SAMPLED} &&
              fabric::kMaxSamplingRate == std::uint32_t{FABRIX_MAX_SAMPLE_RATE});

Sample::Fate fate_of(std::uint32_t fate) {
  switch (fate) {
    case FABRIX_FATE_FORWARDED:
      return Sample::Fate::kForwarded;
    case FABRIX_FATE_COPIED:
      return Sample::Fate::kCopied;
    case FABRIX_FATE_CONTROLLER:
      return Sample::Fate::kToController;
    default:
      return Sample::Fate::kDiscarded;
  }
}

using Header = std::array<std::byte, fabric::kSampledOctets>;

// The header as it was on the wire, of so many octets.
std::size_t with_tag(const fabrix_sample& sample, Header& header) {
  const auto is = std::as_bytes(std::span(sample.header)).first(sample.size);
  if (sample.tag == 0 || is.size() < kMacs) {
    std::ranges::copy(is, header.begin());
    return is.size();
  }
  std::ranges::copy(is.first(kMacs), header.begin());
  for (std::size_t i = 0; i < kTag; ++i) {
    header.at(kMacs + i) = static_cast<std::byte>(sample.tag >> (24 - 8 * i) & 0xffU);
  }
  const std::size_t rest = std::min(is.size() - kMacs, header.size() - kMacs - kTag);
  std::ranges::copy(is.subspan(kMacs, rest), header.begin() + kMacs + kTag);
  return kMacs + kTag + rest;
}

std::uint32_t sum_of(const std::vector<std::uint64_t>& counts) {
  return static_cast<std::uint32_t>(
      std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) & 0xffffffffU);
}

}  // namespace

Result<std::unique_ptr<LinuxSamples>> LinuxSamples::watch(io::EventLoop& loop,
                                                          const LinuxDatapath& datapath,
                                                          OnSample on_sample) {
  // tidy: the constructor is private, which make_unique cannot reach
  std::unique_ptr<LinuxSamples> made(new LinuxSamples(datapath, std::move(on_sample)));
  const auto take = [&samples = *made](std::span<const std::byte> record) { samples.take(record); };
  FABRIX_TRY(made->ring_, io::BpfRing::watch(loop, datapath.map("samples"), take));
  return made;
}

// At first, and where another slot counts for the port, from the kernel.
LinuxSamples::Counted& LinuxSamples::counted(const fabrix_sample& sample) {
  const auto [found, is_new] = counted_.try_emplace(sample.port);
  Counted& counted = found->second;
  if (!is_new && counted.slot == sample.slot) return counted;
  counted.slot = sample.slot;
  counted.pools.assign(io::possible_cpus(), 0);
  counted.drops.assign(io::possible_cpus(), 0);
  const auto all = datapath_->map("samplers").values_of<fabrix_sampler>(sample.slot);
  if (!all) return counted;
  for (std::size_t cpu = 0; cpu < all->size(); ++cpu) {
    counted.pools.at(cpu) = all->at(cpu).pool;
    counted.drops.at(cpu) = all->at(cpu).drops;
  }
  return counted;
}

void LinuxSamples::take(std::span<const std::byte> record) {
  if (record.size() < sizeof(fabrix_sample)) return;
  const auto is = io::BpfMap::read_as<fabrix_sample>(record, 0);
  if (is.size > FABRIX_SAMPLED || is.cpu >= io::possible_cpus()) return;
  Counted& counted = this->counted(is);
  counted.pools.at(is.cpu) = is.pool;
  counted.drops.at(is.cpu) = is.drops;
  Header header{};
  const std::size_t size = with_tag(is, header);
  on_sample_({.port = net::PortNo{is.port},
              .fate = fate_of(is.fate),
              .egress = net::PortNo{is.fate == FABRIX_FATE_FORWARDED ? is.egress : 0},
              .frames = is.frames,
              .rate = is.rate,
              .times = is.times,
              .frame_length = is.length + (is.tag == 0 ? 0 : std::uint32_t{kTag}),
              .pool = sum_of(counted.pools),
              .drops = sum_of(counted.drops),
              .header = std::span<const std::byte>(header).first(size)});
}

}  // namespace fabrix::controller
